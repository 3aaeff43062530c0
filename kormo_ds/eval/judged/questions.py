"""The questions of a form, from files that the user names; each has one or more turns."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from kormo_ds.errors import BadInput, unknown
from kormo_ds.eval.judged import rows
from kormo_ds.eval.judged.form import Form
from kormo_ds.eval.judged.rows import Row

_IN_ENGLISH = re.compile(r"\(([A-Za-z_ -]+)\)\s*$")


class Question(NamedTuple):
    """One question."""

    id: str
    domain: str
    turns: tuple[str, ...]
    references: tuple[str, ...]
    """As many as turns; '' where there is none."""


def read(form: Form, files: Sequence[str]) -> list[Question]:
    """The questions of some files, in the order in which they come first.

    A file of answers does as well where its rows hold their questions. Where they are only in a
    text, where an answer can look like a question, what most rows of an id say is taken.

    Raises:
        BadInput: a file that cannot be read, no question, one id with several questions, a
            question without an answerable turn, or with a domain that the form does not have.
    """
    found: dict[str, Counter[tuple[str, ...]]] = {}
    first: dict[tuple[str, tuple[str, ...]], Row] = {}
    for file in files:
        for row in rows.read(file):
            if row.turns:
                found.setdefault(row.id, Counter())[row.turns] += 1
                first.setdefault((row.id, row.turns), row)
    if not found:
        raise BadInput(
            f"no question in {', '.join(files) or 'no file'}; name files whose rows have questions "
            "or turns"
        )
    made = []
    for name, wordings in found.items():
        (turns, n), *others = wordings.most_common()
        row = first[name, turns]
        if others and (others[0][1] == n or not row.outputs):
            other = first[name, others[0][0]]
            raise BadInput(f"{row.where} and {other.where} have two questions of the id '{name}'")
        made.append(_question(form, row))
    return made


def fingerprint(questions: Sequence[Question]) -> str:
    """Eight hex digits that change with any question or reference, and not with their order."""
    said = json.dumps(sorted(questions), ensure_ascii=True)
    return blake2b(said.encode(), digest_size=4).hexdigest()


def described(form: Form, questions: Sequence[Question]) -> str:
    """How many there are, and whether that is the published number."""
    lengths = sorted(Counter(len(one.turns) for one in questions).items())
    turns = ", ".join(f"{n} of {length} turn{'s' * (length > 1)}" for length, n in lengths)
    said = f"{len(questions)} questions: {turns}"
    if form.n_questions not in (0, len(questions)):
        said += (
            f"; {form.name} was published with {form.n_questions}, so these numbers stand beside "
            "no published ones"
        )
    return said


def _question(form: Form, row: Row) -> Question:
    if not all(turn.strip() for turn in row.turns):
        raise BadInput(f"{row.where}: question {row.id} has an empty turn")
    if len(row.references) > len(row.turns):
        raise BadInput(f"{row.where}: question {row.id} has more references than turns")
    references = row.references + ("",) * (len(row.turns) - len(row.references))
    return Question(row.id, _domain(form, row), row.turns, references)


def _domain(form: Form, row: Row) -> str:
    """As the category says, its English where it has both; else by number, as published."""
    if not row.category:
        if not (row.id.isdecimal() and form.domains and 1 <= int(row.id) <= form.n_questions):
            raise BadInput(f"{row.where}: question {row.id} has no category")
        return form.domains[(int(row.id) - 1) * len(form.domains) // form.n_questions]
    english = _IN_ENGLISH.search(row.category)
    domain = (english[1] if english else row.category).strip().lower()
    if form.domains and domain not in form.domains:
        way_out = f"{row.where}; domains=[] takes any"
        raise BadInput(str(unknown("domain", domain, form.domains, way_out)))
    return domain
