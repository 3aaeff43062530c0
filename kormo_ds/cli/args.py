"""Command-line words: positional ones, and `a.b=c` settings for a dataclass."""

import re
from typing import Any, TypeVar, cast

from kormo_ds.errors import BadConfig, unknown

T = TypeVar("T")
_SETTING = re.compile(r"[A-Za-z_][\w.]*=")


def split(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Separate `name=value` words from the others, each in their order.

    >>> split(["data/ko", "lang=ko", "columns.text=body"])
    (['data/ko'], {'lang': 'ko', 'columns.text': 'body'})
    """
    settings = [word for word in words if _SETTING.match(word)]
    rest = [word for word in words if not _SETTING.match(word)]
    pairs = [word.split("=", 1) for word in settings]
    return rest, {name: value for name, value in pairs}


def settings(kind: type[T], values: dict[str, str]) -> T:
    """An instance of the dataclass `kind` with `values` over its defaults.

    Raises:
        UnknownName: a key that `kind` does not have.
        BadConfig: a value of the wrong type.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import ConfigKeyError, OmegaConfBaseException

    base = OmegaConf.structured(kind)
    try:
        dotted = OmegaConf.from_dotlist([f"{key}={value}" for key, value in values.items()])
        made: Any = OmegaConf.to_object(OmegaConf.merge(base, dotted))
    except ConfigKeyError as error:
        raise unknown("setting", str(error.full_key), [str(key) for key in base]) from error
    except OmegaConfBaseException as error:
        first = str(error).splitlines()[0]
        raise BadConfig(f"{error.full_key}: {first}") from error
    return cast(T, made)
