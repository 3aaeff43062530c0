"""What `kormo sft variants` can be told."""

from dataclasses import dataclass

from kormo_ds.errors import BadConfig


@dataclass(frozen=True)
class Settings:
    """Shares and seed of variants.

    Raises:
        BadConfig: a share that is none, or nothing to make.
    """

    where: str = ""
    """A condition in SQL over documents; empty for all conversations."""
    think: float = 1.0
    """Share of the conversations with reasoning that get a variant with it."""
    no_think: float = 1.0
    """Share of all that get a variant without it."""
    seed: int = 42
    """Of the draws; another seed makes other variants, beside those that are there."""
    toggles: str = ""
    """Folder of toggles of one's own, in place of the shipped ones."""

    def __post_init__(self) -> None:
        for name in ("think", "no_think"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise BadConfig(f"{name}={share} is no share; give a number from 0 to 1")
        if not (self.think or self.no_think):
            raise BadConfig("think=0 and no_think=0 make nothing; raise one of them")
