"""Environments of the programs that benchmarks measure beside ours, each made once in `.peers/`.

They are apart from the project's own since their pins differ from ours. `KORMO_PEERS` names another
folder. `uv` installs them: plain pip searches dolma's pins for many minutes. An environment with
torch is installed by plain pip, which honours the configuration that chose torch's build for us.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

PEERS = {
    "datatrove": ["datatrove[processing]==0.10.*", "spacy==3.8.*"],  # its English words
    "dolma": ["dolma==1.2.1"],
    "rensa": ["rensa==0.5.*"],
    "transformers": [
        "accelerate==1.15.*",
        "deepspeed==0.19.8",
        "ninja",  # compiles DeepSpeed's operator
        "torch==2.13.0",
        "transformers==5.24.*",
    ],
}
_BY_PIP = {"transformers"}
_COMPILE = """
from deepspeed.accelerator import get_accelerator
builder = get_accelerator().create_op_builder("ShareMemCommBuilder")
if builder is not None and builder.is_compatible(verbose=False):
    builder.load()
"""


def python(name: str) -> str:
    """The interpreter of the environment of a peer, which is made if it is not there."""
    folder = _folder(name)
    if not ready(name):
        print(f"making the environment of {name} in {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        inside = str(folder / "bin" / "python")
        install = [inside, "-m", "pip", "install", "-q"]
        if name not in _BY_PIP:
            subprocess.run([*install, "uv"], check=True)
            install = [inside, "-m", "uv", "pip", "install", "-q", "--python", inside]
        subprocess.run([*install, *PEERS[name]], check=True)
        if "transformers" in name:
            subprocess.run([inside, "-c", _COMPILE], check=True, env=os.environ | environment(name))
        (folder / "ready").touch()
    return str(folder / "bin" / "python")


def ready(name: str) -> bool:
    """Whether the environment of a peer is there already."""
    return (_folder(name) / "ready").exists()


def environment(name: str) -> dict[str, str]:
    """What a peer with DeepSpeed needs to find: its own compiled operator, and its programs."""
    folder = _folder(name)
    return {
        "DS_ACCELERATOR": "cpu",
        "TORCH_EXTENSIONS_DIR": str(folder / "extensions"),
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def forget_buffers(meeting_at: int) -> None:
    """Take the names off the 69 MB in /dev/shm that each CPU rank of a peer's job leaves there."""
    for path in Path("/dev/shm").glob(f"deepspeed_*_{meeting_at}_*"):
        path.unlink(missing_ok=True)


def versions(name: str, packages: tuple[str, ...]) -> dict[str, str]:
    """Versions of packages in a peer's environment."""
    code = (
        "import json, sys; from importlib.metadata import version; "
        "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
    )
    told = subprocess.run([python(name), "-c", code, *packages], capture_output=True, check=True)
    return json.loads(told.stdout)


def _folder(name: str) -> Path:
    return Path(os.environ.get("KORMO_PEERS", ".peers")).absolute() / name
