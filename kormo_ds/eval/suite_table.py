"""A suite as a table for docs/evaluation.md; `python -m kormo_ds.eval.suite_table` prints it."""

from kormo_ds.eval import suite


def text(name: str = "paper") -> str:
    """Markdown rows: benchmark, language, task, shots, metric, figure, remark."""
    lines = [
        "| benchmark | language | task | shots | metric | KORMo-10B-base | remark |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for entry in suite.read(name).entries:
        task = f"`{entry.task}`" if entry.task else "none"
        shots = "the task's" if entry.shots is None else str(entry.shots)
        shots, metric = (shots, f"`{entry.metric}`") if entry.task else ("", "")
        figure = f"{entry.figures['KORMo-10B-base']:.2f}"
        cells = (entry.name, entry.lang, task, shots, metric, figure, entry.why)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(text(), end="")
