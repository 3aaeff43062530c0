"""The evaluation of a run by itself: what `kormo_ds.cli.rank` hands to training."""

from typing import Any

from kormo_ds.config import Run
from kormo_ds.errors import BadConfig
from kormo_ds.eval.harness import adapter, measure, tasks
from kormo_ds.eval.harness.workers import Workers
from kormo_ds.text import tokens


def begin(run: Run, tokenizer: bytes) -> Any:
    """Load the tasks of `run.evaluation` once; returns what asks them.

    Raises:
        UnknownName: no such task.
        BadConfig: a task runs code, or its data are not there: a run must not leave out in silence
            what was asked for.
        BadInput: a tokenizer without BOS or EOS.
    """
    wanted = run.evaluation
    vocabulary = tokens.parse(tokenizer, run.name)
    with tasks.manager(wanted.names, wanted.data) as manager:
        loaded = tasks.loaded(wanted.names, manager, wanted.data)
    if loaded.missing:
        said = "; ".join(f"{name}: {why}" for name, why in loaded.missing.items())
        raise BadConfig(f"evaluation.tasks cannot be asked: {said}")
    measure.refuse_code(loaded)

    def ask(workers: Workers) -> list[dict[str, Any]]:
        model = adapter.Model(workers, vocabulary, batch_tokens=wanted.batch_tokens)
        found = measure.numbers(model, loaded, limit=wanted.limit, num_fewshot=wanted.num_fewshot)
        return [
            {
                "key": one.key,
                "task": str(one.protocol),
                "metric": one.metric,
                "value": one.value,
                "stderr": one.stderr,
                "n": one.n,
                "lang": one.lang,
            }
            for one in found
        ]

    return ask
