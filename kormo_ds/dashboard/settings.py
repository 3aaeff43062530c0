"""How a dashboard is served: what `kormo dashboard` is told, handed to the process that serves."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class Settings:
    """What may be set as `name=value`."""

    port: int = 8501
    """Port to listen on."""
    address: str = "127.0.0.1"
    """Address to listen on; any but loopback needs a password."""
    password: str = ""
    """File that holds the password's hash; where there is none, it is asked for and written."""
    runs: str = ""
    """Folder of run folders; default `runs` beside the lake."""
    language: str = "en"
    """'en' or 'ko': of a report, and of the page until one chooses."""
    browser: bool = False
    """Open a browser."""


@dataclass(frozen=True)
class Served:
    """What the serving process has to know."""

    root: str
    runs: str
    language: str = "en"
    password_hash: str = ""

    def to_json(self) -> str:
        """As one word of a command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Served":
        """From that word."""
        return cls(**json.loads(text))


def runs_folder(root: str, given: str) -> str:
    """The folder of run folders: as given, or beside the lake; '' for a remote lake's."""
    if given or "://" in root:
        return given
    return str(Path(root).parent / "runs")
