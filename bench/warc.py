"""WARC ingest: what does the lake cost over fastwarc and resiliparse alone?

    python bench/warc.py [FOLDER-OF-HTML]

Pages of the folder (up to 80 MB of HTML; any documentation will do), or, without one, made-up
Korean and English ones in a page with menus, scripts and a footer, become one `.warc.gz`, record
by record. Two sides read it in turn, each in a process of its own: `kormo ingest`, and fastwarc and
resiliparse that do nothing with the text. Best CPU seconds of three, all threads counted, imports
left out.
"""

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from report import keep

MEGABYTES, ROUNDS = 80, 3
OURS = """
import lake
from kormo_ds.ingest import Source, ingest
from kormo_ds.ingest import charset, html, warc
import lance, fastwarc.warc, resiliparse.extract.html2text, resiliparse.parse.html
lk = lake.create(sys.argv[2])
source = Source(path=sys.argv[1], lang="en", source="bench", origin="crawled")
start = cpu()
done = ingest(lk, [source])
seconds, n = cpu() - start, done.n_added + done.n_present
assert done.n_rejected == 0, done.examples
"""
BARE = """
from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
start, n = cpu(), 0
for record in ArchiveIterator(open(sys.argv[1], "rb"), record_types=WarcRecordType.response):
    data = record.reader.read()
    page = bytes_to_str(data, record.http_charset or detect_encoding(data))
    n += len(extract_plain_text(page, main_content=True, preserve_formatting=True)) > 0
seconds = cpu() - start
"""
BEFORE = """
import os, resource, sys
def cpu():
    both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in both)
"""
AFTER = """
import json
print(json.dumps({"seconds": seconds, "pages": n}))
"""
TEMPLATE = """<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title><meta charset="utf-8">
<script>{script}</script><style>.menu a {{ color: #123 }} .menu a:hover {{ color: #456 }}</style>
</head>
<body><header><nav class="menu"><ul>{menu}</ul></nav></header><main><article><h1>{title}</h1>{body}
</article></main><aside class="sidebar"><ul>{menu}</ul></aside><footer><p>© 2024</p></footer>
</body></html>"""


def made() -> list[bytes]:
    draw = random.Random(0)
    pages = []
    for number in range(3_000):
        lang = "ko" if number % 2 else "en"
        paragraphs = []
        for _ in range(draw.randint(5, 40)):
            words = [word(draw, lang) for _ in range(draw.randint(20, 80))]
            paragraphs.append(f"<p>{' '.join(words)}. <a href='/{number}'>{words[0]}</a></p>")
        menu = "".join(f"<li><a href='/{i}'>{word(draw, lang)}</a></li>" for i in range(40))
        script = ";".join(f"var v{i} = {draw.random()}" for i in range(60))
        page = TEMPLATE.format(
            lang=lang, title=word(draw, lang), script=script, menu=menu, body="\n".join(paragraphs)
        )
        pages.append(page.encode())
    return pages


def word(draw: random.Random, lang: str) -> str:
    if lang == "ko":
        return "".join(chr(draw.randrange(0xAC00, 0xD7A4)) for _ in range(draw.randint(1, 4)))
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 9)))


def found(folder: str) -> list[bytes]:
    """Pages in the order of their names, without those that only lead elsewhere."""
    pages, size = [], 0
    for path in sorted(Path(folder).rglob("*.html")):
        data = path.read_bytes()
        if b"http-equiv" in data[:500].lower() or len(data) < 2_000:
            continue
        pages.append(data)
        size += len(data)
        if size > MEGABYTES * 1_000_000:
            break
    return pages


def archive(path: Path, pages: list[bytes]) -> None:
    with path.open("wb") as file:
        for number, page in enumerate(pages):
            block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
                "WARC-Date: 2024-05-01T00:00:00Z\r\nContent-Type: application/http; "
                f"msgtype=response\r\nWARC-Target-URI: https://example.org/{number}\r\n"
                f"Content-Length: {len(block)}\r\n\r\n"
            )
            file.write(gzip.compress(head.encode() + block + b"\r\n\r\n", 6))


def run(code: str, path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-c", BEFORE + code + AFTER, str(path), out]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "LANCE_CPU_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main(folder: str = "") -> None:
    pages = found(folder) if folder else made()
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "a.warc.gz"
        archive(path, pages)
        runs: dict[str, list[dict[str, Any]]] = {"bare": [], "kormo": []}
        for _ in range(ROUNDS):
            runs["bare"].append(run(BARE, path))
            runs["kormo"].append(run(OURS, path))
    best = {name: min(run["seconds"] for run in of) for name, of in runs.items()}
    size = sum(map(len, pages))
    figures = {
        "goal": "at most 1.30 times the CPU seconds of fastwarc and resiliparse alone",
        "pages": len(pages),
        "megabytes": round(size / 1e6, 1),
        "html": "real documentation" if folder else "made up",
        "mb_html_per_cpu_second": {n: round(size / s / 1e6, 2) for n, s in best.items()},
        "pages_extracted": {name: of[0]["pages"] for name, of in runs.items()},
        "kormo_over_bare": round(best["kormo"] / best["bare"], 3),
    }
    keep("warc", figures, ("fastwarc", "resiliparse", "pylance"))


if __name__ == "__main__":
    main(*sys.argv[1:])
