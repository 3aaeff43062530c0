"""Tasks that a run is asked while it goes on."""

from dataclasses import dataclass

from kormo_ds.config.check import check


@dataclass(frozen=True, kw_only=True)
class EvaluationConfig:
    """Scores on tasks of lm-evaluation-harness (`train.evaluation`)."""

    tasks: str = ""
    """Names with commas between them, e.g. 'kobest_boolq,arc_easy'; '' asks nothing."""
    every: int = 1000
    """Steps from one evaluation to the next; the last step is evaluated, too."""
    data: str = ""
    """The folder of the tasks' files; '' takes them from the hub."""
    limit: int | None = 200
    """The first so many questions of each task; null asks all."""
    num_fewshot: int | None = None
    """Examples before each question; null as the task has it."""
    batch_tokens: int = 8192
    """Tokens that go through the model at a time, on each rank."""

    def __post_init__(self) -> None:
        check("evaluation.every", self.every, self.every > 0, "1 or more")
        check("evaluation.limit", self.limit, self.limit is None or self.limit > 0, "1 or more")
        shots = self.num_fewshot
        check("evaluation.num_fewshot", shots, shots is None or shots >= 0, "0 or more")
        check("evaluation.batch_tokens", self.batch_tokens, self.batch_tokens > 0, "1 or more")

    @property
    def names(self) -> list[str]:
        """The tasks."""
        return [name for name in self.tasks.replace(" ", "").split(",") if name]
