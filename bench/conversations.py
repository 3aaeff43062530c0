"""Conversations into the lake, as lines and as one array, and variants of them: speed and memory.

Makes conversations of made-up words, every second one with reasoning, in the OpenAI form, and
ingests them as JSON lines and as one JSON array. The peer reads the same lines with `json`, builds
the same columns and writes them with Lance, without checks, ids and rejects. Then variants of all.

    python bench/conversations.py [MB]
"""

import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from ingest_memory import run, words
from report import keep

ROUNDS = 3
"""Of all cases in turn; the median counts."""
WORDS_A_TURN = (10, 200)

HEAD = """
import json, resource, sys, time
import lake
from kormo_ds.conversations import Settings, make
from kormo_ds.ingest import Source, ingest
lk = lake.create({root})
chat = Source(path=sys.argv[1], conversations="openai", source="bench", origin="synthetic",
    synthesizer="words", columns={{"source_id": "id", "lang": "lang"}})
start = time.perf_counter()
"""
INGEST = (
    HEAD.format(root="sys.argv[2]")
    + """
done = ingest(lk, [chat])
seconds = time.perf_counter() - start
assert done.n_added == done.n_read
"""
)
VARIANTS = (
    HEAD.format(root="sys.argv[2]")
    + """
n = ingest(lk, [chat]).n_added
start = time.perf_counter()
made = make(lk, Settings())
seconds = time.perf_counter() - start
assert made.added == {"think": n // 2, "no_think": n}
"""
)
PEER = """
import json, resource, sys, time
import lance, pyarrow as pa
from lake.tables import table
start = time.perf_counter()
turn = table("documents").schema.field("messages").type
schema = pa.schema([("id", pa.string()), ("lang", pa.string()), ("text", pa.string()),
    ("messages", turn)])
def batches():
    rows = []
    for line in open(sys.argv[1], encoding="utf-8"):
        row = json.loads(line)
        row["text"] = "\\n\\n".join(part for said in row["messages"]
            for part in (said.get("reasoning"), said["content"]) if part)
        rows.append(row)
        if len(rows) == 20_000:
            yield pa.RecordBatch.from_pylist(rows, schema)
            rows = []
    yield pa.RecordBatch.from_pylist(rows, schema)
lance.write_dataset(batches(), sys.argv[2] + "/peer.lance", schema=schema)
seconds = time.perf_counter() - start
"""


def write(folder: Path, megabytes: int) -> int:
    """Write an even number of conversations, about `megabytes`, as a.jsonl and a.json.

    One at a time: what this process holds would count in the peaks of those that it starts.
    """
    random_ = random.Random(0)
    known = words(random_, 20_000)
    half, number, size = len(known) // 2, 0, 0
    with (folder / "a.jsonl").open("w") as lines, (folder / "a.json").open("w") as array:
        while size < megabytes * 1_000_000 or number % 2:
            korean = number % 4 < 2
            turns = said(random_, known[:half] if korean else known[half:], number % 2 == 1)
            row = {"id": str(number), "lang": "ko" if korean else "en", "messages": turns}
            text = json.dumps(row, ensure_ascii=False)
            lines.write(text + "\n")
            array.write(("," if number else "[") + text)
            number, size = number + 1, size + len(text.encode())
        array.write("]")
    return number


def said(random_: random.Random, known: list[str], reasons: bool) -> list[dict[str, str]]:
    """A question and an answer of known words, with reasoning or without."""

    def some() -> str:
        return " ".join(random_.choices(known, k=random_.randint(*WORDS_A_TURN)))

    answer = {"role": "assistant", "content": some()}
    return [
        {"role": "user", "content": some()},
        answer | ({"reasoning": some()} if reasons else {}),
    ]


def main(megabytes: int = 100) -> None:
    cases = {"lines": INGEST, "array": INGEST, "peer_lines": PEER, "variants": VARIANTS}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        found: dict[str, Any] = {"conversations": write(folder, megabytes), "rounds": ROUNDS}
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in cases}
        for _ in range(ROUNDS):
            for name, code in cases.items():
                path = folder / ("a.json" if name == "array" else "a.jsonl")
                rounds[name].append(run(code, path, folder))
                print(f"{name}: {rounds[name][-1]}", flush=True)
    for name, runs in rounds.items():
        found[name] = sorted(runs, key=lambda one: one["seconds"])[ROUNDS // 2]
    found["speed_over_peer"] = round(found["peer_lines"]["seconds"] / found["lines"]["seconds"], 2)
    keep("conversations", found, ("pylance", "pyarrow"))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
