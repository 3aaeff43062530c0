"""Serve the dashboard: Streamlit in this process, on loopback unless a password is set.

Streamlit sends no statistics, watches no files, and shows no code of an error to a visitor.
"""

import socket
import threading
from pathlib import Path

from kormo_ds.dashboard.context import shared
from kormo_ds.dashboard.settings import LOOPBACK, Served, Settings
from kormo_ds.errors import BadConfig

APP = Path(__file__).with_name("app.py")


def check(settings: Settings, has_password: bool) -> None:
    """See that the dashboard may be served so.

    Raises:
        BadConfig: an address that others reach, without a password; a port that is taken.
    """
    if settings.address not in LOOPBACK and not has_password:
        raise BadConfig(
            f"address={settings.address} is reached by others, and every document of the lake can "
            "be read there: set a password with password=FILE, or leave address out and reach it "
            f"through ssh -L {settings.port}:127.0.0.1:{settings.port} HOST"
        )
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.address, settings.port))
        except OSError as error:
            raise BadConfig(
                f"cannot listen on {settings.address}:{settings.port}: {error.strerror}; "
                "choose another with port=N or address=…"
            ) from error


def serve(settings: Settings, served: Served) -> None:
    """Serve until the process is told to stop."""
    from streamlit.web import bootstrap

    options = {
        "server_address": settings.address,
        "server_port": settings.port,
        "server_headless": not settings.browser,
        "server_fileWatcherType": "none",
        "server_maxUploadSize": 1,
        "browser_gatherUsageStats": False,
        "client_toolbarMode": "viewer",
        "runner_magicEnabled": False,
        "client_showErrorDetails": "none",
        "global_developmentMode": False,
    }
    warming = threading.Thread(target=_warm, args=(served,), daemon=True)
    warming.start()
    bootstrap.load_config_options(options)
    bootstrap.run(str(APP), False, [served.to_json()], options)


def _warm(served: Served) -> None:
    shared(served.root, served.runs).warm()
