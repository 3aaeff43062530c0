"""A YAML file of the project or of a user, with `a.b=c` words on top, as a dataclass."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from kormo_ds import project
from kormo_ds.errors import BadConfig, BadInput, unknown

T = TypeVar("T")


def read(
    made_of: type[T], what: str, name_or_path: str, folder: str, words: Sequence[str] = ()
) -> T:
    """What a file says, checked against the fields of `made_of`, whose `name` is the file's.

    Args:
        made_of: a dataclass with a field `name`.
        what: what the file is, for messages.
        name_or_path: a name in `folder`, or a path.
        folder: where the project keeps such files, e.g. ds_configs/synthesis.
        words: settings that lie over the file.

    Raises:
        UnknownName: no such file or key; names the nearest.
        BadConfig: a value of the wrong type, out of range, or missing.
        BadInput: the file cannot be read.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import ConfigKeyError, MissingMandatoryValue, OmegaConfBaseException
    from yaml import YAMLError

    path = project.file(what, name_or_path, folder, ".yaml")
    try:
        base = OmegaConf.structured(made_of)
        given = OmegaConf.from_dotlist(list(words))
        merged = OmegaConf.merge(base, OmegaConf.load(path), given, {"name": path.stem})
        return cast(T, OmegaConf.to_object(merged))
    except ConfigKeyError as error:
        fields: Any = made_of
        known = [key for key in fields.__dataclass_fields__ if key != "name"]
        raise unknown("setting", str(error.full_key), known) from error
    except MissingMandatoryValue as error:
        raise BadConfig(f"{path}: {error.full_key} is not set") from error
    except OmegaConfBaseException as error:
        first = str(error).splitlines()[0]
        raise BadConfig(f"{path}: {error.full_key or ''}: {first}") from error
    except BadConfig as error:
        raise BadConfig(f"{path}: {error}") from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise BadInput(f"cannot read {what} {path}: {' '.join(str(error).split())}") from error
