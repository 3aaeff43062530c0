"""The whole recipe of curation on a folder of files, by the commands of docs/curation.md.

    python bench/corpus.py FOLDER [LAKE]

FOLDER holds LANG/NAME.jsonl.zst (JSON lines with id, text and, where they have them, url, style,
synthesizer) and, for contamination, evals/NAME.jsonl.zst. Documents with a synthesizer are
synthetic, those of style `tech-doc-mt` translated. Each command is printed with its seconds and CPU
seconds; what it said goes to LAKE.log. Results go to bench/results/corpus.json.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zstandard
from report import keep, needed

TRANSLATED = "tech-doc-mt"
COLUMNS = "columns.source_id=id columns.url=url columns.synthesizer=synthesizer columns.kind=style"
FILTERS = (
    "clean url length language gopher_quality gopher_repetition c4 fineweb fineweb2_ko dclm_lines "
    "extraction"
)
QUESTIONS = ("question", "context", "paragraph", "sentence", "prompt", "context_1", "premise")
"""The column of an evaluation set that is looked for in documents: the first that it has."""


def first_row(path: Path) -> dict[str, str]:
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        return json.loads(next(iter(lines)))


def ingests(folder: Path) -> list[str]:
    commands = []
    for path in sorted(folder.glob("??/*.jsonl.zst")):
        name, row = path.name.split(".")[0], first_row(path)
        translated = str(row.get("style")).startswith(TRANSLATED)
        origin = "synthetic" if "synthesizer" in row else "translated" if translated else "curated"
        columns = " ".join(c for c in COLUMNS.split() if c.split("=")[1] in row)
        commands.append(
            f"kormo ingest {path} lang={path.parent.name} source={name} origin={origin} {columns}"
        )
    return commands


def evaluation_sets(folder: Path) -> list[str]:
    commands = []
    for path in sorted((folder / "evals").glob("*.jsonl.zst")):
        row, name = first_row(path), path.name.split(".")[0]
        column = next(name for name in QUESTIONS if name in row)
        lang = "ko" if name.startswith("k") else "en"
        commands.append(f"kormo evals add {name} {path} text={column} lang={lang}")
    return commands


def of_sources(*names: str) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f'"select doc_id from documents where source in ({listed})"'


def trained(kind: str, name: str, positives: str, negatives: str) -> str:
    lang = name.split("_")[0]
    return (
        f"kormo {kind} train {name} lang={lang} epoch=25 lr=0.5 min_documents=200 "
        f"positives={positives} negatives={negatives}"
    )


def recipe(folder: Path) -> list[str]:
    prose = "select doc_id, lang, text_clean from documents where lang = 'ko' and"
    good_ko = of_sources("korquad_wiki_contexts", "hfcourse_ko", "rustbook_ko", "novels_1930s")
    good_en = of_sources("wikitext2_valid_test", "hfcourse_en", "rustbook_en", "gutenberg_books")
    neutral = of_sources("chatbot_qa", "korquad_wiki_contexts", "petitions")
    return [
        *ingests(folder),
        f"kormo step run {FILTERS}",
        "kormo dedup exact after=kept",
        "kormo dedup minhash min_jaccard=0.8 after=kept",
        "kormo dedup bff mode=old-both after=kept",
        f"kormo perplexity train web lang=ko query=\"{prose} md5(doc_id) < '4'\"",
        "kormo step run perplexity perplexity.model=web",
        trained("quality", "ko_v1", good_ko, of_sources("nsmc_review_pages", "toxic_comments")),
        trained("quality", "en_v1", good_en, of_sources("synth_gpt3_175b", "synth_gpteacher")),
        "kormo step run quality quality.models=ko_v1,en_v1",
        trained("toxicity", "ko_tox", of_sources("toxic_comments"), neutral),
        "kormo step run toxicity lexicon toxicity.models=ko_tox",
        *evaluation_sets(folder),
        "kormo step run contamination pii",
        "kormo sql stats/funnel",
        "kormo sql stats/threshold_sweep column=quality_bin",
        "kormo sql stats/lost_paragraphs",
        "kormo lake audit",
    ]


def main(folder: Path, root: str) -> None:
    subprocess.run(["kormo", "lake", "create", "--lake", root], check=True)
    done = []
    with Path(f"{root}.log").open("w") as log:
        for command in recipe(folder):
            print(f"$ {command}", flush=True)
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            job = subprocess.run(
                f"{command} --lake {root}", shell=True, capture_output=True, text=True
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = time.perf_counter() - start
            cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
            log.write(f"$ {command}\n{job.stdout}\n{job.stderr}\n")
            log.flush()
            print(f"  {seconds:.1f} s, {cpu:.1f} CPU s, exit {job.returncode}", flush=True)
            if job.returncode:
                print(job.stderr[-500:])
            done.append(
                {"command": command.replace(f"{folder}/", ""), "s": round(seconds, 1),
                 "cpu_s": round(cpu, 1), "exit": job.returncode}
            )  # fmt: skip
    keep("corpus", {"commands": done}, ("numba", "pylance", "duckdb"))


if __name__ == "__main__":
    folder, *root = needed(sys.argv[1:], "FOLDER [LAKE]")
    main(Path(folder), root[0] if root else tempfile.mkdtemp() + "/lake")
