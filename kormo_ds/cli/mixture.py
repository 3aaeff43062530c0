"""`kormo mixture`: record what a query selects, look at it, compare it, prove it."""

from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import lengths
from kormo_ds.cli.args import split
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.mixture import Branch
    from kormo_ds.recorded import Mixture
    from lake import Lake

app = typer.Typer(help="Record mixtures, look at them, compare them.", no_args_is_help=True)
app.command("lengths")(lengths.lengths)
Root = Annotated[str | None, typer.Option("--lake", help="Root of the lake.")]
Name = Annotated[str, typer.Argument(help="NAME for its newest version, or NAME@VERSION.")]


@app.command()
def run(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A query of sql/mixtures or a .sql file, then its parameters.",
            metavar="NAME|FILE [PARAMETER=VALUE]...",
        ),
    ],
    lake: Root = None,
) -> None:
    """Ask a mixture query and record its answer as the next version of its name.

    The same query with the same parameters on the same documents is recorded once.
    """
    import lake as lakes
    from kormo_ds import mixture, progress, project

    names, given = split(words)
    if len(names) != 1:
        raise BadInput(f"name one mixture, not {len(names)}: kormo mixture run NAME [name=value]…")
    query = lakes.Query.read(project.file("mixture", names[0], "sql/mixtures", ".sql"))
    lk = lakes.open(lake)
    with progress.bar(f"mixture {query.name}", unit="documents") as advance:
        done = mixture.run(lk, query, given, advance)
    typer.echo(f"{'recorded' if done.is_new else 'already recorded as'} {_summary(done.mixture)}")
    typer.echo(_tree(mixture.tree(lk, done.mixture)))
    for warning in _warnings(lk, done.mixture):
        typer.echo(f"warning: {warning}", err=True)


@app.command("list")
def list_(lake: Root = None) -> None:
    """List the recorded mixtures."""
    import lake as lakes
    from kormo_ds import recorded
    from kormo_ds.cli.show import table

    rows = [
        (
            m.name,
            m.created_at.strftime("%Y-%m-%d %H:%M:%S"),
            m.n_documents,
            m.n_bytes,
            m.n_tokens,
            m.tokenizer,
            m.documents_version,
            m.parameters,
        )
        for m in recorded.mixtures(lakes.open(lake))
    ]
    if not rows:
        typer.echo("no mixture is recorded yet; record one with: kormo mixture run NAME")
        return
    head = ["mixture", "recorded", "documents", "bytes", "tokens", "tokenizer"]
    typer.echo(table([*head, "lake version", "parameters"], rows))


@app.command()
def show(name: Name, lake: Root = None) -> None:
    """Show what a mixture is made of, as a tree, and how it was asked."""
    import lake as lakes
    from kormo_ds import mixture, recorded

    lk = lakes.open(lake)
    found = recorded.find(lk, name)
    typer.echo(_summary(found))
    typer.echo(_tree(mixture.tree(lk, found)))
    typer.echo(f"parameters  {found.parameters}")
    typer.echo(f"documents   version {found.documents_version}, kept by tag {found.tag}")
    typer.echo(f"digest      sha256 {found.digest}")
    typer.echo(f"rows        kormo sql -c 'select * from mixtures.\"{found.name}\"'")


@app.command()
def diff(before: Name, after: Name, lake: Root = None) -> None:
    """Show what changed between two mixtures: documents in, out, and repeated otherwise."""
    import lake as lakes
    from kormo_ds import mixture, recorded
    from kormo_ds.cli.show import table

    lk = lakes.open(lake)
    old, new = recorded.find(lk, before), recorded.find(lk, after)
    found = mixture.diff(lk, old, new)
    if found.is_same:
        typer.echo(f"{old.name} and {new.name} are the same rows in the same order")
    elif not found.changes:
        typer.echo(f"{old.name} and {new.name} draw the same documents in another order")
    else:
        head = ["change", "component", "lang", "documents", "bytes", "tokens", "tokens drawn"]
        rows = [
            (c.change, c.component, c.lang, c.n_documents, c.n_bytes, c.n_tokens, c.n_drawn_tokens)
            for c in found.changes
        ]
        typer.echo(table(head, rows))
        typer.echo(
            f"from {old.name} to {new.name}; {found.n_same:,} documents are the same in both"
        )


@app.command()
def verify(name: Name, lake: Root = None) -> None:
    """Ask a mixture's query again at its tag and compare every byte."""
    import lake as lakes
    from kormo_ds import mixture, recorded

    lk = lakes.open(lake)
    found = recorded.find(lk, name)
    mixture.verify(lk, found)
    typer.echo(
        f"{found.name}: asked again, the same {found.n_documents:,} rows to the byte "
        f"(sha256 {found.digest})"
    )


def _summary(m: "Mixture") -> str:
    counts = f"{m.n_documents:,} documents"
    if m.n_bytes is not None:
        counts += f", {m.n_bytes:,} bytes"
    if m.n_tokens is not None:
        counts += f", {m.n_tokens:,} tokens of {m.tokenizer}"
    return f"{m.name}: {counts}"


def _tree(trunk: "Branch") -> str:
    """The tree with its counts in columns; percent is of the bytes drawn."""
    from kormo_ds.cli.show import table, width

    labels: list[str] = ["", ""]
    rows = []

    def add(branch: "Branch", label: str, below: str) -> None:
        labels.append(label)
        percent = None if branch.share is None else 100 * branch.share
        rows.append((branch.n_documents, branch.n_bytes, branch.n_tokens, branch.repeats, percent))
        for inner in branch.branches:
            last = inner is branch.branches[-1]
            add(
                inner,
                f"{below}{'└─' if last else '├─'} {inner.label}",
                below + ("   " if last else "│  "),
            )

    add(trunk, trunk.label, "")
    lines = table(["documents", "bytes", "tokens", "repeats", "percent"], rows).splitlines()
    widest = max(width(label) for label in labels)
    return "\n".join(
        f"{label}{' ' * (widest - width(label))}  {line}"
        for label, line in zip(labels, lines, strict=True)
    )


def _warnings(lk: "Lake", m: "Mixture") -> list[str]:
    return _held_out(lk, m) + _unchecked(lk, m) + _without_short(lk, m)


def _held_out(lk: "Lake", m: "Mixture") -> list[str]:
    """Whether a mixture that is more than an evaluation set holds documents for evaluation."""
    held_out = lk.sql(
        f'select count(*) from mixtures."{m.name}" join document_split using (doc_id) '
        "where split = 'held_out'"
    )
    n = held_out.fetchall()[0][0]
    if n in (0, m.n_documents):
        return []
    return [
        f"{n:,} of the documents of {m.name} are held out for evaluation; to leave them out, "
        "join document_split and ask for split = 'train'"
    ]


def _unchecked(lk: "Lake", m: "Mixture") -> list[str]:
    """Whether documents of a mixture were not compared with the evaluation sets, as others were."""
    from kormo_ds.mixture import n_unchecked
    from lake import duck

    table = f'mixtures."{m.name}"'
    con = duck.connect(lk, at=m.tag, mentioned=f"select from {table} join documents")
    n = n_unchecked(con, table)
    if not n:
        return []
    return [
        f"{n:,} of the documents of {m.name} were not compared with the evaluation sets yet; "
        "compare them: kormo step run clean contamination"
    ]


def _without_short(lk: "Lake", m: "Mixture") -> list[str]:
    """Whether a mixture for long context lacks short documents, as its audit says."""
    from kormo_ds import project
    from lake import Query, duck

    audit = Query.read(project.file("audit", "short_with_long", "sql/audits", ".sql"))
    bad = audit.run(duck.connect(lk, mentioned=audit.sql)).to_arrow_table().to_pylist()
    return [
        f"{100 * row['short_share']:.2f} % of {m.name} are short documents, less than "
        f"{100 * audit.params['least'].default:g} %: in KORMo's mid-training mathematics and code "
        "got worse without them; raise its short_share"
        for row in bad
        if (row["mixture"], row["version"]) == (m.mixture, m.version)
    ]
