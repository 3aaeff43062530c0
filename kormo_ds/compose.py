"""How files and words compose into a run, and which of its settings make it that run.

One YAML names a run. `load_run` lays its `include:` files below it (`ds_configs/zero/…` hold a
`deepspeed:` block, `ds_configs/model/…` a `model:` block), the `a.b=c` words above it, and checks
all of it against the frozen dataclasses of `kormo_ds.config`. Imports neither torch nor lake.
"""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kormo_ds import project
from kormo_ds.config import Run, leaves
from kormo_ds.errors import BadConfig, unknown

_CIRCUMSTANCE = (
    "name",
    "folder",
    "data.",
    "train.micro_batch_rows",
    "train.allow_other_data",
    "train.compile",
    "train.sequence_parallel",
    "checkpoint.",
    "guard.",
    "validation.",
    "evaluation.",
    "launch.",
    "log.",
    "deepspeed.",
    "model.attention",
    "model.loss_chunk",
    "model.checkpoint_blocks",
    "model.mlp_tile",
)


def load_run(name_or_path: str, overrides: Sequence[str] = ()) -> Run:
    """The run of a name in `ds_configs/run/` or of a YAML file, with `a.b=c` words on top.

    Raises:
        UnknownName: no such run, included file or key; names the nearest.
        BadConfig: a value of the wrong type, out of range, missing, or in contradiction to another.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import ConfigKeyError, MissingMandatoryValue, OmegaConfBaseException

    settings = _composed(project.file("run", name_or_path, "ds_configs/run", ".yaml"))
    for word in overrides:
        if "=" not in word:
            raise BadConfig(f"'{word}' is not a setting; write key=value, e.g. train.steps=100")
    try:
        merged = OmegaConf.merge(
            OmegaConf.structured(Run), settings, OmegaConf.from_dotlist(list(overrides))
        )
        run: Any = OmegaConf.to_object(merged)
    except ConfigKeyError as error:
        raise unknown("setting", str(error.full_key), _keys(Run)) from error
    except MissingMandatoryValue as error:
        raise BadConfig(f"{error.full_key} is not set; set it in {name_or_path}") from error
    except OmegaConfBaseException as error:
        where = f"{error.full_key}: " if error.full_key else ""
        raise BadConfig(where + str(error).splitlines()[0]) from error
    return run


def to_yaml(run: Run) -> str:
    """The resolved run: every key with its value, no includes; `load_run` reads it back equal."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create(_plain(run)))


def identity(run: Run) -> dict[str, Any]:
    """What makes two runs the same run, by dotted key: model, optimiser, schedule, seed, portions.

    Paths, hosts, ranks, micro-batches, ZeRO, guards, logging and attention are circumstance: they
    may change between a checkpoint and its resumption. The data is known by its own fingerprint.
    """
    return {k: v for k, v in leaves(_plain(run), "") if not k.startswith(_CIRCUMSTANCE)}


def default(key: str) -> Any:
    """The default of a setting by its dotted key, as JSON has it; None where it has none.

    What a checkpoint was written with that is older than the setting.
    """
    kind: Any = Run
    *blocks, name = key.split(".")
    for block in blocks:
        kind = {field.name: field.type for field in dataclasses.fields(kind)}.get(block)
        if not dataclasses.is_dataclass(kind):
            return None
    found = {field.name: field for field in dataclasses.fields(kind)}.get(name)
    if found is None:
        return None
    made = found.default_factory() if callable(found.default_factory) else found.default
    if made is dataclasses.MISSING:
        return None
    return list(made) if isinstance(made, tuple) else made


def _plain(run: Run) -> dict[str, Any]:
    return json.loads(json.dumps(dataclasses.asdict(run)))


def _composed(path: Path) -> Any:
    from omegaconf import OmegaConf

    loaded: Any = OmegaConf.load(path)
    names = loaded.pop("include", [])
    files = [project.file("file to include", name, "ds_configs", ".yaml") for name in names]
    return OmegaConf.merge(*(OmegaConf.load(file) for file in files), loaded)


def _keys(kind: type, prefix: str = "") -> Iterator[str]:
    for one in dataclasses.fields(kind):
        if isinstance(one.type, type) and dataclasses.is_dataclass(one.type):
            yield from _keys(one.type, f"{prefix}{one.name}.")
        else:
            yield prefix + one.name
