"""The four heuristic steps in one scan of a lake, beside datatrove's filters and dolma's taggers.

    python bench/heuristics.py EN.jsonl.zst|EN/ [KO.jsonl.zst|KO/ …]

Of each file all texts, and of a folder an equal share of each of its files (a short one repeated),
go into a lake and through `clean`; then a process of its own computes
gopher_quality, gopher_repetition, c4 and fineweb from the lake's texts to its columns. Counted is
the CPU time on one core, and the time on the wall on one core and on two; the best of several
rounds counts. The peers get the first megabytes of the same cleaned
texts in memory, so their reading and writing is not counted. datatrove, for English files (its
Korean words need an old Kiwi): GopherRepetition, GopherQuality, C4 and FineWeb with its default
word tokenizer, once chained, as they are meant (a document that one drops does not reach the next),
and once all on every document, which gives the share of documents about which both sides agree.
dolma: gopher_v1, c4_v2, repetitions_v1. Everything is warmed up first. Results go to
bench/results/heuristics.json.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import zstandard
from peers import PEERS, python
from report import keep, needed

import lake
from kormo_ds.steps import Clean
from kormo_ds.steps.run import run

GOALS = {"mb_per_cpu_s": 15, "times_datatrove_chained": 100, "times_with_two_cores": 1.7}
MEGABYTES, PEER_MEGABYTES, ROUNDS = 48, 2, 6
FAMILIES = ("gopher_repetition", "gopher_quality", "c4", "fineweb")

OURS = """
import json, sys, time
import lake
from kormo_ds.steps import C4, FineWeb, GopherQuality, GopherRepetition
from kormo_ds.steps.run import ordered

root, rounds, texts_out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
lk = lake.open(root)
steps = [GopherRepetition(), GopherQuality(symbols_are_words=True), C4(), FineWeb()]
plan = ordered(steps, lk.dataset("documents").schema.names)
columns = [column.name for step in steps for column in step.writes]

def seconds(threads):
    cpu, wall = time.process_time(), time.perf_counter()
    lk.fill("documents", plan, threads=threads)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    reasons = lk.dataset("documents").to_table(columns=[f"{s.name}_reason" for s in steps])
    lk.drop("documents", columns)
    return cpu, wall, reasons

seconds(0)
found = [seconds(0) for _ in range(rounds)]
json.dump({
    "cpu_s": min(cpu for cpu, _, _ in found),
    "wall_s": min(wall for _, wall, _ in found),
    "reasons": found[0][2].to_pydict(),
}, open(texts_out, "w"))
"""

DATATROVE = """
import json, sys, time
from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter,
)

texts, out = json.load(open(sys.argv[1])), sys.argv[2]
filters = [
    GopherRepetitionFilter(), GopherQualityFilter(), C4QualityFilter(), FineWebQualityFilter(),
]

def keeps(filter_, text):
    found = filter_.filter(Document(text=text, id="0"))
    return found is True

for filter_ in filters:
    keeps(filter_, texts[0])
start = time.process_time()
n_kept = sum(all(keeps(filter_, text) for filter_ in filters) for text in texts)
chained = time.process_time() - start
start = time.process_time()
verdicts = [[keeps(filter_, text) for filter_ in filters] for text in texts]  # words are cached
each = time.process_time() - start
json.dump({"chained_s": chained, "each_s": each, "n_kept": n_kept, "keeps": list(zip(*verdicts))},
          open(out, "w"))
"""

DOLMA = """
import json, sys, time
from dolma.core.data_types import Document
from dolma.core.registry import TaggerRegistry

texts, out = json.load(open(sys.argv[1])), sys.argv[2]
figures = {}
for name in ("gopher_v1", "c4_v2", "repetitions_v1"):
    tagger = TaggerRegistry.get(name)()
    documents = [Document(id="0", text=text, source="bench") for text in texts]
    tagger.predict(documents[0])
    start = time.process_time()
    for document in documents:
        tagger.predict(document)
    figures[name] = time.process_time() - start
json.dump(figures, open(out, "w"))
"""


def read(path: str) -> tuple[list[str], int]:
    """Some `MEGABYTES` of texts of the file, or of all files of the folder alike.

    How many of them, from the first on, are the `PEER_MEGABYTES` for the peers comes with them.
    """
    files = sorted(map(str, Path(path).glob("*.jsonl.zst"))) or [path]
    of_each = [read_file(file, MEGABYTES * 1e6 / len(files)) for file in files]
    few = [first_bytes(texts, PEER_MEGABYTES * 1e6 / len(files)) for texts in of_each]
    rest = [texts[len(part) :] for texts, part in zip(of_each, few, strict=True)]
    return [text for texts in [*few, *rest] for text in texts], sum(map(len, few))


def read_file(path: str, most: float) -> list[str]:
    """Texts of the file, some `most` bytes of them; of a folder's short file all, repeated."""
    texts, n_bytes = [], 0
    with zstandard.open(path, "rt", encoding="utf-8") as rows:
        for row in rows:
            texts.append(json.loads(row)["text"])
            n_bytes += len(texts[-1].encode())
            if n_bytes > most:
                return texts
    whole = most == MEGABYTES * 1e6
    return texts if whole else texts * max(1, round(most / n_bytes))


def made(root: Path, texts: list[str], lang: str) -> list[str]:
    """A lake of the texts, and what `clean` makes of them."""
    import pyarrow as pa

    lk = lake.create(str(root))
    ids = [str(number) for number in range(len(texts))]
    lk.append("documents", pa.table({"doc_id": ids, "text": texts, "lang": [lang] * len(texts)}))
    run(lk, [Clean()])
    return lk.dataset("documents").to_table(columns=["text_clean"]).column(0).to_pylist()


def finished(
    interpreter: str, code: str, out: Path, *arguments: str, cores: str = "0,1"
) -> dict[str, Any]:
    """What a script in another interpreter, on these cores, writes to `out`."""
    command = ["taskset", "-c", cores, interpreter, "-c", code, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads(out.read_text())


def first_bytes(texts: list[str], n: float) -> list[str]:
    """The first texts, some `n` bytes."""
    some: list[str] = []
    for text in texts:
        if n < 0:
            break
        some.append(text)
        n -= len(text.encode())
    return some


def measure(path: str) -> dict[str, Any]:
    """The figures of one file."""
    lang = "ko" if "/ko" in path else "en"
    with tempfile.TemporaryDirectory() as folder:
        root, out, given = (Path(folder) / name for name in ("lake", "out.json", "texts.json"))
        texts, n_few = read(path)
        texts = made(root, texts, lang)
        few = texts[:n_few]
        given.write_text(json.dumps(few))
        given_ours = sys.executable, OURS, out, str(root), str(ROUNDS), str(out)
        two = finished(*given_ours)
        ours = finished(*given_ours, cores="0")
        dolma = finished(python("dolma"), DOLMA, out, str(given), str(out))
        theirs = (
            finished(python("datatrove"), DATATROVE, out, str(given), str(out))
            if lang == "en"
            else None
        )
    mb, mb_few = (sum(len(text.encode()) for text in part) / 1e6 for part in (texts, few))
    speed, of_dolma = mb / ours["cpu_s"], mb_few / sum(dolma.values())
    figures = {
        "documents": len(texts),
        "megabytes": round(mb, 2),
        "mb_per_cpu_s": round(speed, 1),
        "times_with_two_cores": round(ours["wall_s"] / two["wall_s"], 2),
        "wall_s": {"one core": round(ours["wall_s"], 2), "two cores": round(two["wall_s"], 2)},
        "peers": {"documents": len(few), "megabytes": round(mb_few, 2)},
        "dolma_cpu_s": {name: round(seconds, 2) for name, seconds in dolma.items()},
        "dolma_mb_per_cpu_s": round(of_dolma, 3),
        "times_dolma": round(speed / of_dolma),
    }
    if theirs:
        chained, each = mb_few / theirs["chained_s"], mb_few / theirs["each_s"]
        figures |= {
            "datatrove_chained_mb_per_cpu_s": round(chained, 3),
            "times_datatrove_chained": round(speed / chained),
            "datatrove_all_filters_mb_per_cpu_s": round(each, 3),
            "times_datatrove_all_filters": round(speed / each),
            "agreement_with_datatrove": agreement(ours["reasons"], theirs["keeps"]),
        }
    return figures


def agreement(reasons: dict[str, list[str]], keeps: list[list[bool]]) -> dict[str, float]:
    """Of each family the share of documents that both keep or both do not."""
    found = {}
    for family, theirs in zip(FAMILIES, keeps, strict=True):
        ours = [reason == "kept" for reason in reasons[f"{family}_reason"][: len(theirs)]]
        same = sum(a == b for a, b in zip(ours, theirs, strict=True))
        found[family] = round(same / len(theirs), 3)
    return found


def main(paths: list[str]) -> None:
    figures = {Path(path).name.split(".")[0]: measure(path) for path in paths}
    asked = {name: PEERS[name] for name in ("datatrove", "dolma")}
    keep(
        "heuristics",
        {"goals": GOALS, "peers": asked, "texts": figures},
        ("numba", "numpy", "pyarrow", "pylance"),
    )


if __name__ == "__main__":
    main(needed(sys.argv[1:], "EN.jsonl.zst|EN/ [KO.jsonl.zst|KO/ …]"))
