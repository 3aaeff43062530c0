"""What is compared, and on samples of which size."""

from dataclasses import dataclass

from kormo_ds.errors import BadConfig, unknown

GROUPS = {
    "synthesizer": "synthesizer",
    "style": "prompt_style",
    "prompt": "prompt_id",
    "source": "source",
    "seed_pool": "parent_source",
}
"""What documents can be grouped by, and the column of each; seed_pool is the parent's source."""


@dataclass
class Settings:
    """Which documents are compared, and how much of each group."""

    group: str = "synthesizer"
    """synthesizer, style, prompt, source or seed_pool."""
    lang: str = "ko"
    """The one language; measures of two languages are not on one scale."""
    words: int = 20_000
    """Words of a sample."""
    excerpt: int = 100
    """Words of a document, its first; so a sample has `words` / `excerpt` documents."""
    per_seed: int = 1
    """Documents that one seed (the parent) may give to a sample."""
    mixed: int = 5
    """Groups of a mixture, in equal amounts; 0 measures no mixture."""
    draws: int = 10
    """Mixtures that are drawn."""
    seed: int = 0
    """Of the choice of documents and of mixtures."""
    where: str = "true"
    """A condition on `documents`, in SQL."""
    text: str = ""
    """SQL of what is measured; empty for the assistant's turns, text_clean or text."""

    def __post_init__(self) -> None:
        """See that the numbers can be used.

        Raises:
            UnknownName: of a group.
            BadConfig: a number out of range.
        """
        if self.group not in GROUPS:
            raise unknown("group", self.group, GROUPS)
        for name, least in (("excerpt", 4), ("per_seed", 1), ("mixed", 0), ("draws", 1)):
            if getattr(self, name) < least:
                raise BadConfig(f"{name}={getattr(self, name)} must be at least {least}")
        if self.mixed == 1:
            raise BadConfig("mixed=1 is one group alone; write mixed=2 or more, or mixed=0")
        if self.n_documents < 2:
            raise BadConfig(
                f"words={self.words} are fewer than two excerpts of {self.excerpt} words; "
                "raise words or lower excerpt"
            )

    @property
    def n_documents(self) -> int:
        """Documents of a sample."""
        return self.words // self.excerpt
