"""Endpoints: where LLMs are asked, and how much of it.

    # endpoints.yaml
    large:
      url: http://10.0.0.5:8000/v1
      model: Qwen/Qwen3-30B-A3B
      key: LARGE_KEY              # the environment variable that holds the key
      in_flight: 64
      price_in: 0.10              # money for a million tokens
      price_out: 0.40
      budget_money: 50

The file may lie in a repository: it names the variable of a key, never the key.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from kormo_ds.errors import BadConfig, BadInput, unknown
from kormo_ds.generate.request import Request


@dataclass(frozen=True)
class Endpoint:
    """One model behind one address.

    Raises:
        BadConfig: a value that cannot be used.
    """

    name: str
    url: str
    """Root of the protocol, e.g. 'https://api.example.org/v1'."""
    model: str
    """What the server calls the model."""
    synthesizer: str = ""
    """Who wrote the documents, as the lake says it; the model's name unless given."""
    key: str = ""
    """Name of the environment variable that holds the key; none for servers that want none."""
    in_flight: int = 16
    """Requests at the same time."""
    requests_per_minute: float = 0
    """Sent evenly; 0 for no limit."""
    tokens_per_minute: float = 0
    """Of prompts and answers, sent evenly; 0 for no limit."""
    budget_tokens: int = 0
    """Of prompts and answers, over all runs in a lake; 0 for no limit."""
    budget_money: float = 0
    """In the currency of the prices, over all runs in a lake; 0 for no limit."""
    price_in: float = 0
    """Money for a million tokens of prompts."""
    price_out: float = 0
    """Money for a million tokens of answers."""
    timeout: float = 600
    """Seconds until an answer must be whole."""
    attempts: int = 6
    """How often a request is sent at most, where it failed for a reason that may pass."""
    patience: float = 600
    """Seconds that a server which takes no connection is waited for."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Further fields of each request, e.g. `chat_template_kwargs: {enable_thinking: false}`."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise self._bad("url", "must be an address such as http://127.0.0.1:8000/v1")
        if parts.username or parts.password:
            raise BadConfig(
                f"endpoint {self.name}: url holds a user or password, which would get into logs; "
                "name the environment variable of a key in 'key'"
            )
        if not self.model:
            raise self._bad("model", "must name the model that the server is to use")
        object.__setattr__(self, "synthesizer", self.synthesizer or self.model)
        for name in ("in_flight", "attempts", "timeout"):
            if getattr(self, name) <= 0:
                raise self._bad(name, "must be above 0")
        for name in _LIMITS:
            if getattr(self, name) < 0:
                raise self._bad(name, "must be 0 or more")
        if self.budget_money and not (self.price_in or self.price_out):
            raise self._bad("budget_money", "needs price_in and price_out")

    def _bad(self, name: str, why: str) -> BadConfig:
        return BadConfig(f"endpoint {self.name}: {name}={getattr(self, name)} {why}")

    @property
    def identity(self) -> str:
        """What answers depend on, address aside."""
        return (
            f"{self.model} {json.dumps(self.extra, sort_keys=True)}" if self.extra else self.model
        )

    def id_of(self, request: Request) -> str:
        """The id of a request to this endpoint."""
        return request.id(self.identity)

    def secret(self) -> str:
        """The key; '' where none is wanted.

        Raises:
            BadConfig: the variable is not set, or holds what no header can.
        """
        if not self.key:
            return ""
        value = os.environ.get(self.key, "")
        if not value:
            raise BadConfig(
                f"endpoint {self.name}: the environment variable {self.key} holds no key; "
                f"export {self.key}=…"
            )
        if not (value.isascii() and value.isprintable()):
            raise BadConfig(
                f"endpoint {self.name}: the key in {self.key} holds characters that no key has, "
                "such as the end of a line; export it again"
            )
        return value

    def cost(self, n_prompt_tokens: int, n_completion_tokens: int) -> float:
        """Money for so many tokens."""
        return (n_prompt_tokens * self.price_in + n_completion_tokens * self.price_out) / 1e6


_LIMITS = (
    "requests_per_minute",
    "tokens_per_minute",
    "budget_tokens",
    "budget_money",
    "price_in",
    "price_out",
    "patience",
)


def read_endpoints(path: str | Path) -> dict[str, Endpoint]:
    """The endpoints that a YAML file describes, by name.

    Raises:
        BadInput: no such file, or not YAML of this form.
        BadConfig: a setting that does not exist, is of another type or out of range.
    """
    import yaml

    try:
        described = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read endpoints {path}: {error}") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(described, dict) or not described:
        raise BadInput(f"{path} must hold endpoints as 'NAME:' with url and model below it")
    return {str(name): _endpoint(str(name), said, path) for name, said in described.items()}


def _endpoint(name: str, said: Any, path: str | Path) -> Endpoint:
    from omegaconf import OmegaConf
    from omegaconf.errors import ConfigKeyError, MissingMandatoryValue, OmegaConfBaseException

    if not isinstance(said, dict):
        raise BadInput(f"{path}: endpoint {name} must hold url, model and so on, not {said!r}")
    said = {"name": name, **said}
    extra = said.pop("extra", {})
    if not isinstance(extra, dict):
        raise BadInput(f"{path}: endpoint {name}: extra must hold names and values")
    try:
        merged = OmegaConf.merge(OmegaConf.structured(Endpoint), {**said, "extra": extra})
        return cast(Endpoint, OmegaConf.to_object(merged))
    except ConfigKeyError as error:
        known = [key for key in Endpoint.__dataclass_fields__ if key != "name"]
        raise unknown("setting", f"{name}.{error.full_key}", known) from error
    except MissingMandatoryValue as error:
        raise BadConfig(f"{path}: endpoint {name} lacks {error.full_key}") from error
    except OmegaConfBaseException as error:
        first = str(error).splitlines()[0]
        raise BadConfig(f"{path}: endpoint {name}: {error.full_key}: {first}") from error
    except BadConfig as error:
        raise BadConfig(f"{path}: {error}") from error
