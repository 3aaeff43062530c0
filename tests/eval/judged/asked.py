"""Five questions of our own in LogicKor's shape, and a lake that holds recorded answers to them."""

import json

import pyarrow as pa

import lake
from kormo_ds.eval.judged import form as forms
from kormo_ds.eval.judged import questions
from kormo_ds.eval.judged.judging import Judged
from kormo_ds.generate.endpoint import Endpoint

QUESTIONS = [
    ("수학(Math)", ["사과 3개와 배 4개는 모두 몇 개야?", "거기서 2개를 먹으면?"], ["7개", "5개"]),
    ("수학(Math)", ["12를 4로 나누면?", "그 값에 10을 곱하면?"], ["3", None]),
    ("글쓰기(Writing)", ["가을을 소재로 한 문장을 써 줘.", "그 문장을 편지처럼 고쳐 줘."], None),
    ("문법(Grammar)", ["'나는학교에간다'를 띄어 써 줘.", "높임말로 바꿔 줘."], None),
    ("추론(Reasoning)", ["민수는 지아보다 크다. 누가 작아?", "왜 그래?", "정말이야?"], None),
]
ENDPOINTS = {
    "model": Endpoint("model", "http://127.0.0.1:9/v1", "answering", synthesizer="Answers"),
    "judge": Endpoint("judge", "http://127.0.0.1:9/v1", "judging", synthesizer="Judge-1"),
}
WHO = ("model=model", "judge=judge")


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def question_rows(n=None):
    return [
        {"id": i, "category": category, "questions": turns, "references": references}
        for i, (category, turns, references) in enumerate(QUESTIONS[:n], 1)
    ]


def file(folder, rows=None, name="questions.jsonl"):
    path = folder / name
    path.write_text(lines(question_rows() if rows is None else rows), encoding="utf-8")
    return str(path)


def judged(folder, *words, rows=None, form="logickor"):
    """An evaluation of recorded or still missing answers on a lake of its own."""
    folder.mkdir(exist_ok=True)
    made = forms.read(form, [*WHO, *words])
    asked = questions.read(made, [file(folder, rows)])
    return Judged(lake.create(folder / "lake"), ENDPOINTS, made, asked)


def record(lk, work, said):
    """Rows of `generations` for requests; `said` gives (text, finish_reason), or None for none."""
    rows = []
    for name, make in work.items():
        for request in make():
            answer = said(name, request)
            if answer is None:
                continue
            text, finish_reason = answer if isinstance(answer, tuple) else (answer, "stop")
            request_id = ENDPOINTS[name].id_of(request)
            rows.append(
                {
                    "generation_id": f"{request_id} {len(rows)}",
                    "request_id": request_id,
                    "endpoint": name,
                    "error": "refused" if text == "REFUSED" else "",
                    "text": text,
                    "finish_reason": finish_reason,
                }
            )
    if rows:
        lk.append("generations", pa.Table.from_pylist(rows, lk.schema("generations")))
