"""Conversations as they are packed, scored tokens apart: for a terminal, or as a page.

Scored runs stand in ⟦ ⟧, so that they are seen without colours, too. What steers a terminal, and
what is mark-up in a page, is shown as letters.
"""

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kormo_ds.cli.stream import visible

if TYPE_CHECKING:
    from kormo_ds.chat import Segment
    from kormo_ds.text.tokens import Vocabulary
    from lake import Lake

Run = tuple[str, str, bool]
"""A text, whose it is, and whether it is scored."""
_STYLE = """
:root { color-scheme: light dark; --scored: #0a6b2d; --back: #d9f2e1; --quiet: #6a6a6a; }
@media (prefers-color-scheme: dark) {
  :root { --scored: #9be8b4; --back: #123a22; --quiet: #9a9a9a; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--quiet);
  border-radius: 6px; padding: .8rem; color: var(--quiet); }
mark { color: var(--scored); background: var(--back); border-bottom: 2px solid; }
table { border-collapse: collapse; } td, th { padding: .2rem 1rem .2rem 0; text-align: right; }
td:first-child, th:first-child { text-align: left; }
"""


@dataclass
class Shown:
    """What is shown of one document, and what was counted."""

    doc_id: str
    runs: list[Run]
    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """Tokens by role and whether they are scored."""


def chosen(lk: "Lake", mixture: str, where: str, n: int) -> list[dict[str, Any]]:
    """The first `n` conversations of a mixture in its order, or of a condition by their ids.

    Raises:
        UnknownName: no such mixture.
        BadQuery: DuckDB refuses the condition.
        BadInput: there is none.
    """
    from kormo_ds import recorded
    from kormo_ds.errors import BadInput
    from lake import Query, duck

    columns = "doc_id, messages, meta"
    if mixture:
        found = recorded.find(lk, mixture)
        table = f'mixtures."{found.name}"'
        sql = f"select {columns} from {table} join documents using (doc_id) "
        sql += f"where len(messages) > 0 order by sort_key, doc_id limit {n}"
        con = duck.connect(lk, at=found.tag or found.documents_version, mentioned=sql)
    else:
        more = f"and (\n{where}\n)" if where.strip() else ""
        sql = f"select {columns} from documents where len(messages) > 0 {more} "
        sql += f"order by doc_id limit {n}"
        con = duck.connect(lk, mentioned=sql)
    rows = Query.parse(f"-- Conversations.\n{sql}", "where").run(con, {}).to_arrow_table()
    if not len(rows):
        raise BadInput(f"no conversation {'in ' + mixture if mixture else 'is chosen'}")
    said: list[dict[str, Any]] = rows.to_pylist()
    return said


def shown(
    vocabulary: "Vocabulary", documents: Sequence[dict[str, Any]], rule: str
) -> Iterator[Shown]:
    """The documents, written and scored."""
    from kormo_ds.chat import Encoder, of_meta, render

    encoder = Encoder(vocabulary)
    for one in documents:
        segments = render(one["messages"], of_meta(one["meta"]), rule)
        made = Shown(one["doc_id"], [])
        for role, scored, ids in _parts(encoder, segments):
            made.counts[role, scored] += len(ids)
            text = vocabulary.tokenizer.decode(ids, skip_special_tokens=False)
            made.runs.append((text, role, scored))
        yield made


def _parts(encoder: Any, segments: "Sequence[Segment]") -> Iterator[tuple[str, bool, list[int]]]:
    """Runs of tokens of one role that are scored alike."""
    encoded = encoder([segments])
    sizes = [len(ids) for ids in encoder.parts([segments])]
    roles = [one.role for one, n in zip(segments, sizes, strict=True) for _ in range(n)]
    kinds = zip(roles, encoded.scored.tolist(), strict=True)
    tokens = zip(kinds, encoded.ids.tolist(), strict=True)
    for (role, scored), run in groupby(tokens, key=_kind):
        yield role or "beginning", bool(scored), [number for _, number in run]


def _kind(token: tuple[tuple[str, bool], int]) -> tuple[str, bool]:
    return token[0]


def coloured(one: Shown) -> str:
    """The document for a terminal."""
    import typer

    parts = [
        typer.style(f"⟦{visible(text)}⟧", fg="green", bold=True)
        if scored
        else typer.style(visible(text), dim=True)
        for text, _, scored in one.runs
    ]
    return f"── {visible(one.doc_id)}\n{''.join(parts)}"


def counted(found: Sequence[Shown]) -> list[tuple[str, int, int, int]]:
    """Of each role its tokens, scored ones and others; then of all."""
    total: Counter[tuple[str, bool]] = Counter()
    for one in found:
        total.update(one.counts)
    rows = []
    for role in dict.fromkeys(role for role, _ in total):
        scored, other = total[role, True], total[role, False]
        rows.append((role, scored + other, scored, other))
    n_scored = sum(n for (_, scored), n in total.items() if scored)
    return [*rows, ("all", total.total(), n_scored, total.total() - n_scored)]


HEAD = ("role", "tokens", "scored", "not scored")


def page(found: Sequence[Shown], rule: str, tokenizer: str) -> str:
    """The documents as one page, which needs nothing beside it."""
    texts = []
    for one in found:
        runs = "".join(
            f"<mark>{_escaped(text)}</mark>" if scored else _escaped(text)
            for text, _, scored in one.runs
        )
        texts.append(f"<h2>{_escaped(one.doc_id)}</h2>\n<pre>{runs}</pre>")
    rows = "".join(
        f"<tr>{''.join(f'<td>{_escaped(str(cell))}</td>' for cell in row)}</tr>\n"
        for row in counted(found)
    )
    head = "".join(f"<th>{name}</th>" for name in HEAD)
    title = f"What rule={rule} scores, in tokens of {tokenizer}"
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8">\n<title>{_escaped(title)}</title>'
        f"\n<style>{_STYLE}</style>\n<h1>{_escaped(title)}</h1>\n"
        f"<p><mark>Marked</mark> tokens are learnt; the others are read only.</p>\n"
        f"<table><tr>{head}</tr>\n{rows}</table>\n" + "\n".join(texts) + "\n</html>\n"
    )


def _escaped(text: str) -> str:
    return html.escape(visible(text))
