"""How answers begin that are no answers: patterns in files of data (ds_configs/refusal)."""

import re
from dataclasses import dataclass
from functools import cache

from kormo_ds import project
from kormo_ds.errors import BadConfig, BadInput

FOLDER = "ds_configs/refusal"
_BEFORE = " \t\n\"'“”‘’*#>_`-"
"""What may stand before the first word."""


@dataclass(frozen=True)
class Refusals:
    """The patterns of some lists, and how many characters are looked at."""

    patterns: tuple[str, ...]
    chars: int

    def found(self, text: str) -> str:
        """What refuses at the beginning of a text; '' for nothing."""
        begin = text[: self.chars * 2].lstrip(_BEFORE)[: self.chars]
        match = _compiled(self.patterns).search(begin)
        return match[0] if match else ""


@cache
def read(lists: str, chars: int) -> Refusals:
    """The patterns of lists by name, or of .yaml files, parted by commas.

    Raises:
        UnknownName: neither the name of a list nor the path of a file.
        BadInput: a file that is not a list of patterns.
        BadConfig: no pattern at all.
    """
    import yaml

    patterns: list[str] = []
    for name in filter(None, (each.strip() for each in lists.split(","))):
        path = project.file("list of refusals", name, FOLDER, ".yaml")
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            said = content["patterns"]
            if not content["source"].strip() or not isinstance(said, list):
                raise TypeError("source is empty, or patterns are no list")
            for pattern in said:
                if re.compile(pattern, re.IGNORECASE).search(""):
                    raise TypeError(f"'{pattern}' is found in an empty text")
            patterns += said
        except (yaml.YAMLError, re.error, UnicodeDecodeError, AttributeError, KeyError,
                TypeError) as error:  # fmt: skip
            raise BadInput(
                f"{path} is not a list of refusals ({' '.join(str(error).split())}); it needs "
                "source and patterns, as ds_configs/refusal/en.yaml"
            ) from error
    if not patterns:
        raise BadConfig(f"synthetic.refusals={lists} holds no pattern; name a list, as ko or en")
    return Refusals(tuple(sorted(patterns)), chars)


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
