"""Steps: columns computed on documents. A step never drops a row; SQL decides what is used.

`STEPS` is the one list. A new step is a file here, a line there and a row in docs/steps.md.
"""

from kormo_ds.errors import unknown
from kormo_ds.steps.c4 import C4
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.contamination import Contamination
from kormo_ds.steps.fineweb import FineWeb
from kormo_ds.steps.gopher_quality import GopherQuality
from kormo_ds.steps.gopher_repetition import GopherRepetition
from kormo_ds.steps.language import Language
from kormo_ds.steps.length import Length
from kormo_ds.steps.lexicon import Lexicon
from kormo_ds.steps.n_tokens import NTokens
from kormo_ds.steps.pii import Pii
from kormo_ds.steps.quality import Quality
from kormo_ds.steps.step import Step
from kormo_ds.steps.toxicity import Toxicity

STEPS: dict[str, type[Step]] = {
    "clean": Clean,
    "length": Length,
    "language": Language,
    "gopher_quality": GopherQuality,
    "gopher_repetition": GopherRepetition,
    "c4": C4,
    "fineweb": FineWeb,
    "n_tokens": NTokens,
    "pii": Pii,
    "contamination": Contamination,
    "quality": Quality,
    "toxicity": Toxicity,
    "lexicon": Lexicon,
}


def step(name: str) -> type[Step]:
    """The step of that name.

    Raises:
        UnknownName: with the nearest name and all others.
    """
    if name not in STEPS:
        raise unknown("step", name, STEPS)
    return STEPS[name]
