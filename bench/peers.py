"""Environments of the programs that benchmarks measure beside ours, each made once in `.peers/`.

They are apart from the project's own since their pins differ from ours. `KORMO_PEERS` names another
folder. `uv` installs them: plain pip searches dolma's pins for many minutes.
"""

import os
import subprocess
import sys
from pathlib import Path

PEERS = {
    "datatrove": ["datatrove[processing]==0.10.*", "spacy==3.8.*"],  # its English words
    "dolma": ["dolma==1.2.1"],
    "rensa": ["rensa==0.5.*"],
}


def python(name: str) -> str:
    """The interpreter of the environment of a peer, which is made if it is not there."""
    folder = Path(os.environ.get("KORMO_PEERS", ".peers")).absolute() / name
    ready = folder / "ready"
    if not ready.exists():
        print(f"making the environment of {name} in {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        inside = str(folder / "bin" / "python")
        subprocess.run([inside, "-m", "pip", "install", "-q", "uv"], check=True)
        install = [inside, "-m", "uv", "pip", "install", "-q", "--python", inside]
        subprocess.run([*install, *PEERS[name]], check=True)
        ready.touch()
    return str(folder / "bin" / "python")
