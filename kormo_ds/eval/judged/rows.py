"""One row of a published file of questions or answers, whatever its shape.

LogicKor   {"id", "category", "questions": […], "references": […], "outputs": […],
            "query_single": {"judge_score"}, "query_multi": {"judge_score"}}
MT-Bench   {"question_id", "category", "turns": […], "reference": […]}, and for answers
           {"question_id", "model_id", "choices": [{"turns": […]}]}, and for scores
           {"question_id", "model", "turn", "score"}
as text    {"id": "…STRATEGY.jsonl-NUMBER", "text", "synthesizer"}, where the text has lines
           that begin with 질문: and 답변:, and an empty line between turns

`scores` with one number a turn may stand in each. A file is JSON Lines, or one array, plain or
compressed.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kormo_ds.documents.document import Reject
from kormo_ds.errors import BadInput
from kormo_ds.ingest import json_lines
from kormo_ds.ingest.patterns import Selection
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.progress import silent

_MAX_CHARS = 4 << 20
_NUMBERED = re.compile(r"(?:(?P<model>.*)/)?(?P<strategy>[^/]+)\.jsonl-(?P<number>\d+)")
_ASKED = re.compile(r"(?:\A|\n\n)질문: ")
_ANSWERED = "\n답변:"


class Row(NamedTuple):
    """What a row says; empty where it does not say it."""

    where: str
    """File and line, for messages."""
    id: str
    category: str
    turns: tuple[str, ...]
    references: tuple[str, ...]
    """One a turn, '' where there is none."""
    outputs: tuple[str, ...]
    scores: tuple[float | None, ...]
    """One a turn, None where there is none."""
    model: str
    strategy: str


def read(path: str | Path) -> Iterator[Row]:
    """The rows of a file, in their order.

    Raises:
        BadInput: no such file, or a row that is of none of the shapes; names file and line.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"no file {path}; name one of questions or answers in JSON Lines")
    reading = Reading(Selection(), _MAX_CHARS, None, silent)
    for row in json_lines.read(File(path, path.name, path.stat().st_size), reading):
        where = f"{path}:{row.line}"
        if isinstance(row, Reject):
            raise BadInput(f"{where}: {row.reason}: {row.detail}")
        yield _row(row.values, where, path)


def _row(values: Mapping[str, Any], where: str, path: Path) -> Row:
    name = values.get("question_id", values.get("id"))
    if not isinstance(name, int | str) or isinstance(name, bool) or not str(name).strip():
        raise BadInput(f"{where}: it has no id or question_id")
    made: dict[str, Any] = {
        "id": str(name),
        "category": _word(values, "category"),
        "turns": _texts(values, ("questions", "turns"), where),
        "references": _texts(values, ("references", "reference"), where),
        "outputs": _texts(values, ("outputs",), where),
        "scores": _scores(values, where),
        "model": _word(values, "model_id") or _word(values, "model"),
        "strategy": _word(values, "strategy") or path.name.partition(".")[0],
    }
    if "choices" in values:
        made["outputs"], made["turns"] = _choice(values, where), ()
    elif isinstance(values.get("text"), str):
        made |= _as_text(str(name), values["text"], where)
        made["model"] = _word(values, "synthesizer") or made["model"]
    elif not (made["turns"] or made["outputs"] or made["scores"]):
        raise BadInput(f"{where}: it has neither questions, turns, outputs, scores nor text")
    return Row(where=where, **made)


def _as_text(name: str, text: str, where: str) -> dict[str, Any]:
    """A conversation that is one text, questions after 질문: and answers after 답변:."""
    found = _NUMBERED.fullmatch(name)
    pieces = [piece.partition(_ANSWERED) for piece in _ASKED.split(text)[1:]]
    if found is None or not pieces or not all(asked.strip() for asked, _, _ in pieces):
        raise BadInput(
            f"{where}: a row with text must have an id that ends in STRATEGY.jsonl-NUMBER, and "
            "'질문: …' and '답변: …' in the text"
        )
    return {
        "id": found["number"],
        "strategy": found["strategy"],
        "model": found["model"] or "",
        "turns": tuple(asked.strip() for asked, _, _ in pieces),
        "outputs": tuple(answer.strip() for _, _, answer in pieces),
    }


def _choice(values: Mapping[str, Any], where: str) -> tuple[str, ...]:
    choices = values["choices"]
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise BadInput(f"{where}: choices must be a list of objects with turns")
    return _texts(choices[0], ("turns",), where)


def _texts(values: Mapping[str, Any], names: tuple[str, ...], where: str) -> tuple[str, ...]:
    for name in names:
        listed = values.get(name)
        if listed is None:
            continue
        if not isinstance(listed, list) or not all(
            said is None or isinstance(said, str) for said in listed
        ):
            raise BadInput(f"{where}: {name} must be a list of texts, one a turn")
        return tuple(said or "" for said in listed)
    return ()


def _scores(values: Mapping[str, Any], where: str) -> tuple[float | None, ...]:
    said = values.get("scores")
    if said is None and ("query_single" in values or "query_multi" in values):
        both = (values.get("query_single"), values.get("query_multi"))
        said = [one.get("judge_score") if isinstance(one, dict) else None for one in both]
    if said is None and "score" in values and isinstance(values.get("turn"), int):
        said = [None] * (values["turn"] - 1) + [values["score"]]
    if said is None:
        return ()
    if not isinstance(said, list) or not all(
        one is None or (isinstance(one, int | float) and not isinstance(one, bool)) for one in said
    ):
        raise BadInput(f"{where}: scores must be a list of numbers, one a turn")
    return tuple(None if one is None or one < 0 else float(one) for one in said)


def _word(values: Mapping[str, Any], name: str) -> str:
    said = values.get(name)
    return said.strip() if isinstance(said, str) else ""
