"""What is validated during a run."""

from dataclasses import dataclass

from kormo_ds.config.check import check


@dataclass(frozen=True, kw_only=True)
class ValidationConfig:
    """Bits per byte of held-out rows by language, source and synthesizer (`train.validation`)."""

    sequences: str = ""
    """Folder of packed held-out documents (`kormo pack held_out groups=true`); '' validates not."""
    every: int = 500
    """Steps from one validation to the next; the last step is validated, too."""
    rows: int = 256
    """The first so many rows are read; 0 reads all."""

    def __post_init__(self) -> None:
        check("validation.every", self.every, self.every > 0, "1 or more")
        check("validation.rows", self.rows, self.rows >= 0, "0 or more")
