"""`kormo sft`: material for supervised fine-tuning."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.conversations import Made

app = typer.Typer(help="Make material for supervised fine-tuning.", no_args_is_help=True)


@app.callback()
def sft() -> None:
    """Make material for supervised fine-tuning."""


@app.command()
def variants(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="[QUERY] that returns doc_id, with its parameters; or where=CONDITION; "
            "then think=1.0 no_think=1.0 seed=42 toggles=FOLDER.",
            metavar="[QUERY] [SETTING=VALUE]...",
        ),
    ] = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count all, write nothing.")] = False,
) -> None:
    """Write conversations once more with a system prompt that turns reasoning on, or off.

    A think variant keeps the reasoning, a no_think variant leaves it out; both lead to their parent
    by parent_id. think= and no_think= are shares of the conversations. The same again, also after a
    kill, adds what lacks. docs/conversations.md says how they are made.
    """
    from dataclasses import fields, replace

    import lake as lakes
    from kormo_ds import progress, queries
    from kormo_ds.conversations import Settings, make

    names, given = args.split(words or [])
    if len(names) > 1:
        raise BadInput(f"one query at a time, not {len(names)}: {', '.join(names)}")
    query = queries.find(names[0]) if names else None
    own = {field.name for field in fields(Settings)}
    values = {key: value for key, value in given.items() if query and key in query.params}
    where = given.pop("where", "")  # SQL is not to be read as YAML
    settings = args.settings(Settings, {k: v for k, v in given.items() if k not in values})
    if query and (shared := own & query.params.keys()):
        raise BadInput(f"parameter {min(shared)} of query {query.name} is a setting's name, too")
    if query and where:
        raise BadInput(f"query {query.name} chooses already; put where= into it")
    lk = lakes.open(lake)
    with progress.bar("making variants", unit="documents") as advance:
        made = make(lk, replace(settings, where=where), query, values, advance, dry_run)
    typer.echo(summary(made, dry_run))


@app.command()
def worked(
    words: Annotated[
        list[str],
        typer.Argument(help="The file to write, then n=1000 seed=42.", metavar="FILE [n=N seed=N]"),
    ],
) -> None:
    """Write questions with worked reasoning, made by rule, to try a reasoning stage with.

    They are sums over lists, in Korean and English, as `kormo ingest … conversations=openai` takes
    them: material for plumbing, not for a model that anybody will use.
    """
    from pathlib import Path

    from kormo_ds.conversations.worked import Worked, write

    places, given = args.split(words)
    if len(places) != 1:
        raise BadInput("name one file to write, e.g.: kormo sft worked data/worked.jsonl n=100")
    settings = args.settings(Worked, given)
    write(Path(places[0]), settings)
    typer.echo(f"{settings.n:,} questions with worked reasoning in {places[0]}")


def summary(made: "Made", dry_run: bool = False) -> str:
    """What was made, as text for a terminal."""
    from kormo_ds.cli.show import table
    from kormo_ds.conversations.variant import REASONS

    would = "would be " if dry_run else ""
    rows = [
        ("documents chosen", made.n_chosen),
        *((f"skipped: {reason}", n) for reason, n in made.skipped.most_common()),
        ("conversations", made.n_conversations),
        ("with reasoning", made.n_reasoning),
        *((f"{style} variants drawn", n) for style, n in sorted(made.drawn.items())),
        *((f"{style} variants {would}added", n) for style, n in sorted(made.added.items())),
        *((f"added in {lang}", n) for lang, n in sorted(made.by_lang.items())),
        ("variants present before", made.n_present),
    ]
    lines = [table(["sft variants", "n"], rows)]
    lines += [f"{reason}: {REASONS[reason]}" for reason in made.skipped]
    return "\n".join(lines)


@dataclass
class _Preview:
    """The settings of a preview."""

    n: int = 3
    rule: str = "kormo"
    tokenizer: str = ""


@app.command()
def preview(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="[MIXTURE], or where=CONDITION over documents; then n=3 rule=kormo|assistant "
            "tokenizer=NAME.",
            metavar="[MIXTURE] [SETTING=VALUE]...",
        ),
    ] = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page instead.")] = None,
) -> None:
    """Show conversations as `kormo pack … render=chat` writes them, with what is scored in ⟦ ⟧.

    Then tokens by role, scored and not. The tokenizer is the lake's only one, unless named.
    """
    import lake as lakes
    from kormo_ds.chat import rules
    from kormo_ds.cli import preview as previews
    from kormo_ds.cli.show import table
    from kormo_ds.text import tokens

    names, given = args.split(words or [])
    where = given.pop("where", "")  # SQL is not to be read as YAML
    asked = args.settings(_Preview, given)
    if len(names) > 1:
        raise BadInput(f"one mixture at a time, not {len(names)}: {', '.join(names)}")
    if names and where:
        raise BadInput(f"mixture {names[0]} chooses already; where= is for documents")
    if asked.n < 1:
        raise BadInput(f"n={asked.n} shows nothing; give 1 or more")
    rules.check(asked.rule)
    lk = lakes.open(lake)
    known = tokens.names(lk)
    if not asked.tokenizer and len(known) != 1:
        raise BadInput(f"say which tokenizer=NAME; known: {', '.join(known) or 'none yet'}")
    vocabulary = tokens.named(lk, asked.tokenizer or known[0])
    documents = previews.chosen(lk, names[0] if names else "", where, asked.n)
    found = list(previews.shown(vocabulary, documents, asked.rule))
    if html:
        html.write_text(previews.page(found, asked.rule, vocabulary.name), encoding="utf-8")
        typer.echo(f"wrote {html}: {len(found)} conversations")
    else:
        for one in found:
            typer.echo(previews.coloured(one))
    typer.echo(table(previews.HEAD, previews.counted(found)))
