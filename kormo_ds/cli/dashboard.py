"""`kormo dashboard`: the lake in a browser, or its main panels as one file."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli.args import settings as read_settings
from kormo_ds.cli.args import split
from kormo_ds.errors import BadConfig, BadInput

if TYPE_CHECKING:
    from kormo_ds.dashboard.settings import Settings
    from lake import Lake


def dashboard(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="port=8501 address=127.0.0.1 password=FILE runs=DIR browser=true",
            metavar="[SETTING=VALUE]...",
        ),
    ] = None,
    html: Annotated[
        str | None,
        typer.Option("--html", help="Write the main panels to this file instead of serving."),
    ] = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
) -> None:
    """The lake in a browser: what is in it, what took what, what-if, mixtures, runs, SQL.

    Every query of sql/stats with a page in its header is a panel. Nothing is written to the lake.
    """
    import lake as lakes
    from kormo_ds.dashboard.settings import LOOPBACK, Served, Settings, runs_folder

    others, given = split(words or [])
    if others:
        raise BadInput(f"'{others[0]}' is not a setting; write name=value, as port=8502")
    settings = read_settings(Settings, given)
    if settings.language not in ("en", "ko"):
        raise BadInput(f"language={settings.language} is not known; write language=en or ko")
    _check_installed()
    lk = lakes.open(lake)
    runs = runs_folder(lk.root, settings.runs)
    if html is not None:
        _report(lk, runs, settings.language, Path(html))
        return
    from kormo_ds.dashboard import server

    hashed = _password(settings)
    server.check(settings, bool(hashed))
    if settings.address not in LOOPBACK:
        typer.echo(
            f"warning: everyone who reaches {settings.address}:{settings.port} and has the "
            "password reads every document of the lake; the connection is not encrypted",
            err=True,
        )
    typer.echo(f"http://{settings.address}:{settings.port} shows {lk.root}; Ctrl-C ends it")
    server.serve(settings, Served(lk.root, runs, settings.language, hashed))


def _report(lk: "Lake", runs: str, language: str, path: Path) -> None:
    from kormo_ds.dashboard import report
    from kormo_ds.dashboard.context import opened

    if path.suffix != ".html":
        raise BadInput(f"--html {path}: a report's name ends in .html")
    if not path.absolute().parent.is_dir():
        raise BadInput(f"--html {path}: there is no folder {path.parent}; make it first")
    n = report.write(opened(lk, runs, language), path)
    typer.echo(f"wrote {n} panels to {path}, {path.stat().st_size / 2**20:.1f} MiB")


def _check_installed() -> None:
    import importlib.util

    for name in ("streamlit", "altair", "vl_convert"):
        if importlib.util.find_spec(name) is None:
            raise BadConfig(
                f"the dashboard needs {name}; install it with: pip install 'kormo-ds[dashboard]'"
            )


def _password(settings: "Settings") -> str:
    """The hash of the settings' file; where there is no file, of a password asked for now."""
    from kormo_ds.dashboard import password

    if not settings.password:
        return ""
    file = Path(settings.password)
    if not file.exists():
        if not sys.stdin.isatty():
            raise BadConfig(
                f"{file} holds no password yet; run this once in a terminal, where it is asked for"
            )
        given = getpass.getpass(f"A password for the dashboard, its hash goes to {file}: ")
        if given != getpass.getpass("Once more: "):
            raise BadInput("the two are not the same; nothing was written")
        password.write(file, given)
    return password.read(file)
