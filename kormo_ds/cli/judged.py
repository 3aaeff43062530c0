"""`kormo eval judged`: chat judged by a model, in the forms of LogicKor and MT-Bench."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.cli import args, asking
from kormo_ds.cli.show import table
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kormo_ds.eval.judged.judging import Judged, Judgement

Words = Annotated[
    list[str] | None,
    typer.Argument(
        help="A form, files of questions, who answers and who judges.",
        metavar="FORM QUESTIONS... model=NAME|recorded=FILE judge=NAME [SETTING=VALUE]...",
    ),
]


def judged(
    words: Words = None,
    endpoints: asking.Endpoints = asking.FILE,
    lake: Annotated[
        str | None, typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake.")
    ] = None,
    dry_run: asking.DryRun = False,
) -> None:
    """Have one model answer questions and another score the answers; alone, list forms.

    Scores go into the table `evals`, with the judge's name.

    A killed run goes on with the same command, and what was answered or judged is never asked
    again. docs/judged.md says what each setting means. With --dry-run, what it would cost.
    """
    import pyarrow as pa

    import lake as lakes
    from kormo_ds.eval.judged import form as forms
    from kormo_ds.eval.judged import numbers, questions
    from kormo_ds.eval.judged.judging import Judged
    from kormo_ds.generate.endpoint import read_endpoints

    places, settings = args.split(words or [])
    if not words:
        typer.echo(listed())
        return
    if len(places) < 2:
        raise BadInput(
            "name a form and files of questions, e.g.: kormo eval judged logickor questions.jsonl "
            "model=NAME judge=NAME"
        )
    form = forms.read(places[0], [f"{key}={value}" for key, value in settings.items()])
    asked = questions.read(form, places[1:])
    described = read_endpoints(endpoints)
    lk = lakes.open(lake)
    one = Judged(lk, described, form, asked)
    typer.echo(f"{form.name}: {questions.described(form, asked)}")
    if dry_run:
        typer.echo(asking.estimated(lk, described, one.known_work()))
        typer.echo("and at most {:,} answers, {:,} judgements".format(*one.n_unknown()))
        return
    found = []
    for purpose, work in one.stages():
        found += asking.asked(lk, described, work, purpose)
    asking.complain(found)
    judgements = one.judgements()
    judge = one.judge.synthesizer
    rows = numbers.rows(judgements, form, judge, questions.fingerprint(asked))
    lk.append("evals", pa.Table.from_pylist(rows, schema=lk.schema("evals")))
    typer.echo("\n".join(said(one, judgements, rows)))


def listed() -> str:
    """The forms that there are, as text for a terminal."""
    from kormo_ds.eval.judged import form as forms

    found = [
        (name, one.language, one.n_questions, ", ".join(one.strategies), one.rule, one.prompt.name)
        for name, one in ((name, forms.read(name)) for name in forms.known())
    ]
    columns = ["form", "language", "questions", "strategies", "rule", "judge's prompt"]
    return table(columns, found)


def said(
    one: "Judged", judgements: "Sequence[Judgement]", rows: "list[dict[str, Any]]"
) -> list[str]:
    """Scores, counts and agreement, as lines for a terminal."""
    scores = [row for row in rows if row["metric"].startswith("score:")]
    lines = [f"{scores[0]['metric']} of {scores[0]['task'].partition('/')[0]}"]
    shown = [
        (row["run"], row["task"].partition("/")[2], row["value"], row["stderr"], row["n_documents"])
        for row in scores
    ]
    lines += [table(["run", "what", "score", "stderr", "turns"], shown), "", counted(judgements)]
    if one.is_own_judge:
        lines.append("the judge is the model itself: models favour what they wrote")
    return lines + agreed(judgements)


def counted(judgements: "Sequence[Judgement]") -> str:
    """What became of the turns of each run and strategy."""
    from kormo_ds.eval.judged.judging import WORDS

    rows: dict[tuple[str, str], list[Judgement]] = {}
    for one in judgements:
        rows.setdefault((one.run, one.strategy), []).append(one)
    facts = {"other language": "is_foreign", "empty": "is_empty", "cut": "is_cut"}
    return table(
        ["run", "strategy", "turns", *WORDS, *facts],
        [
            [
                *key,
                len(found),
                *(sum(one.word == word for one in found) for word in WORDS),
                *(sum(getattr(one, fact) for one in found) for fact in facts.values()),
            ]
            for key, found in rows.items()
        ],
    )


def agreed(judgements: "Sequence[Judgement]") -> list[str]:
    """Agreement with published scores, by answer and by model, where there are any."""
    from kormo_ds.eval.judged.agreement import agreement

    both = [one for one in judgements if one.score is not None and one.published is not None]
    models: dict[tuple[str, str], list[Judgement]] = {}
    for one in both:
        models.setdefault((one.run, one.strategy), []).append(one)
    pairs: dict[str, tuple[list[float], list[float]]] = {
        "answers": (_mine(both), _published(both)),
        "models": (
            [sum(_mine(found)) / len(found) for found in models.values()],
            [sum(_published(found)) / len(found) for found in models.values()],
        ),
    }
    rows = [(name, *agreement(*xy)) for name, xy in pairs.items() if len(xy[0]) > 1]
    if not rows:
        return []
    columns = ["of", "n", "pearson", "spearman", "exact", "within one", "this minus published"]
    return ["", "agreement with the published scores", table(columns, rows)]


def _mine(found: "Sequence[Judgement]") -> list[float]:
    return [one.score for one in found if one.score is not None]


def _published(found: "Sequence[Judgement]") -> list[float]:
    return [one.published for one in found if one.published is not None]
