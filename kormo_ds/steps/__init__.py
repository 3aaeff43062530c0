"""Steps: columns computed on documents. A step never drops a row; SQL decides what is used.

`STEPS` is the one list. A new step is a file here, a line there and a row in docs/steps.md.
"""

from kormo_ds.errors import unknown
from kormo_ds.steps.c4 import C4
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.contamination import Contamination
from kormo_ds.steps.dclm_lines import DclmLines
from kormo_ds.steps.extraction import Extraction
from kormo_ds.steps.fineweb import FineWeb
from kormo_ds.steps.fineweb2_ko import FineWeb2Ko
from kormo_ds.steps.gopher_quality import GopherQuality
from kormo_ds.steps.gopher_repetition import GopherRepetition
from kormo_ds.steps.language import Language
from kormo_ds.steps.length import Length
from kormo_ds.steps.lexicon import Lexicon
from kormo_ds.steps.n_chat_tokens import NChatTokens
from kormo_ds.steps.n_tokens import NTokens
from kormo_ds.steps.perplexity import Perplexity
from kormo_ds.steps.pii import Pii
from kormo_ds.steps.quality import Quality
from kormo_ds.steps.step import Step
from kormo_ds.steps.synthetic import Synthetic
from kormo_ds.steps.toxicity import Toxicity
from kormo_ds.steps.translation import Translation
from kormo_ds.steps.url import Url

STEPS: dict[str, type[Step]] = {
    "clean": Clean,
    "url": Url,
    "length": Length,
    "language": Language,
    "synthetic": Synthetic,
    "gopher_quality": GopherQuality,
    "gopher_repetition": GopherRepetition,
    "c4": C4,
    "fineweb": FineWeb,
    "fineweb2_ko": FineWeb2Ko,
    "dclm_lines": DclmLines,
    "extraction": Extraction,
    "perplexity": Perplexity,
    "quality": Quality,
    "toxicity": Toxicity,
    "lexicon": Lexicon,
    "contamination": Contamination,
    "pii": Pii,
    "n_tokens": NTokens,
    "n_chat_tokens": NChatTokens,
    "translation": Translation,
}


def step(name: str) -> type[Step]:
    """The step of that name.

    Raises:
        UnknownName: with the nearest name and all others.
    """
    if name not in STEPS:
        raise unknown("step", name, STEPS)
    return STEPS[name]
