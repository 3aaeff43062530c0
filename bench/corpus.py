"""The whole recipe of curation on a folder of files, by the commands that the README names.

    python bench/corpus.py FOLDER [LAKE]

FOLDER holds LANG/NAME.jsonl.zst (JSON lines with id, text and, where they have them, url, synthesizer,
style) and, for contamination, evals/NAME.jsonl.zst. A NAME that begins with `synth_` is synthetic, one
whose documents say `tech-doc-mt` is translated. Each command is printed with its seconds, its CPU seconds and the
peak of its memory; what it printed goes to LAKE.log. Results go to bench/results/corpus.json.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zstandard
from report import keep

TRANSLATED = "tech-doc-mt"
COLUMNS = "columns.source_id=id columns.url=url columns.synthesizer=synthesizer columns.kind=style"
FILTERS = (
    "clean url length language gopher_quality gopher_repetition c4 fineweb fineweb2_ko dclm_lines "
    "extraction"
)
AFTER = "length_reason,lang_reason,extraction_reason"
"""What suits every language and kind of text; the other reasons are left to mixtures."""
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
        row = first_row(path)
        column = next(name for name in QUESTIONS if name in row)
        lang = "ko" if path.name.startswith(("k", "klue")) else "en"
        commands.append(f"kormo evals add {path.name.split('.')[0]} {path} text={column} lang={lang}")
    return commands


def recipe(folder: Path) -> list[str]:
    good, poor = "'wikitext2_valid_test','gutenberg_books','hfcourse_en'", "'synth_gpt3_175b'"
    ko_good, ko_poor = "'korquad_wiki_contexts','hfcourse_ko','rustbook_ko','petitions'", "'nsmc_review_pages'"
    select = "select doc_id from documents where source in"
    return [
        *ingests(folder),
        f"kormo step run {FILTERS}",
        f"kormo dedup exact after={AFTER}",
        f"kormo dedup minhash after={AFTER},exact_reason",
        f"kormo dedup bff mode=old-both after={AFTER}",
        "kormo perplexity train web_ko lang=ko query=\"select doc_id, lang, text_clean from documents "
        "where lang = 'ko' and length_reason = 'kept' and md5(doc_id) < '4'\"",
        "kormo step run perplexity perplexity.model=web_ko",
        f'kormo quality train ko_v1 lang=ko epoch=25 lr=0.5 positives="{select} ({ko_good})" '
        f'negatives="{select} ({ko_poor})"',
        f'kormo quality train en_v1 lang=en epoch=25 lr=0.5 positives="{select} ({good})" '
        f'negatives="{select} ({poor})"',
        "kormo step run quality quality.models=ko_v1,en_v1",
        f"kormo toxicity train tox_ko lang=ko epoch=25 lr=0.5 positives=\"{select} ('toxic_comments')\" "
        f"negatives=\"{select} ('chatbot_qa','korquad_wiki_contexts','petitions')\"",
        "kormo step run toxicity lexicon toxicity.models=tox_ko",
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
                f"/usr/bin/env time -v true >/dev/null 2>&1; {command} --lake {root}",
                shell=True, capture_output=True, text=True,
            )  # fmt: skip
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
    if len(sys.argv) < 2:
        raise SystemExit("give a folder of LANG/NAME.jsonl.zst")
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp() + "/lake")
