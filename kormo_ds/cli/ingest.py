"""`kormo ingest`: files, folders, archives and described sources into the lake."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli.args import split
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.ingest import Ingested, Source

_YAML = (".yaml", ".yml")


def ingest(
    words: Annotated[
        list[str],
        typer.Argument(
            help="PATH, SOURCE.yaml or the name of a shipped source, then options: "
            "lang=ko source=NAME origin=crawled columns.text=body …",
            metavar="PATH|SOURCE... [OPTION=VALUE]...",
        ),
    ],
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count all, write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Read documents into the lake; the same input twice adds nothing.

    Takes JSON lines (.jsonl, .ndjson, .json; plain, .gz or .zst), a JSON array (.json), Parquet,
    text (.txt, .md, .rst), web pages (.html, .warc, .warc.gz, .warc.zst), folders of all these and
    archives of text (.zip, .whl, .tar, .tar.gz, .tgz, .tar.zst). Rows that are conversations are
    read with conversations=openai, sharegpt or alpaca. What cannot be used goes into the table
    `rejects`. docs/ingest.md lists the options.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.ingest import ingest as run

    sources = described(words)
    download(sources)
    try:
        lk = lakes.open(lake) if dry_run else lakes.create(lake)
    except lakes.NoLake:  # a dry run into a lake that is still to be made
        lk = None
    with progress.bar("reading", unit="bytes") as advance:
        done = run(lk, sources, advance, dry_run)
    typer.echo(_json(done, dry_run) if json else summary(done, dry_run))


def described(words: list[str]) -> list["Source"]:
    """The sources that command-line words name, in their order; options hold for all of them.

    Raises:
        BadInput: no path, or one that is neither there nor the name of a shipped source.
    """
    from kormo_ds import project
    from kormo_ds.ingest import source

    places, options = split(words)
    if not places:
        raise BadInput("nothing to ingest; name a file, a folder, an archive or a SOURCE.yaml")
    shipped = project.files("ds_configs/source", ".yaml")
    found = []
    for place in places:
        if not Path(place).exists() and place in shipped:
            found.append(source.read(shipped[place], options))
        elif not Path(place).exists():
            raise BadInput(
                f"no file or folder {place}, nor a shipped source of that name; "
                f"known: {', '.join(shipped)}"
            )
        elif place.lower().endswith(_YAML):
            found.append(source.read(Path(place), options))
        else:
            found.append(source.parse({"path": place}, options))
    return found


def download(sources: list["Source"]) -> None:
    """Fetch the packages that sources name and that are not in their folder yet.

    Raises:
        BadInput: no network, or another file than the pinned one.
    """
    from concurrent.futures import ThreadPoolExecutor

    from kormo_ds import progress
    from kormo_ds.ingest.packages import fetch

    missing = [
        (source.package, Path(source.downloads))
        for source in sources
        if source.package and not (Path(source.downloads) / source.package.file).exists()
    ]
    if missing:
        bar = progress.bar("downloading", len(missing), "packages")
        with bar as advance, ThreadPoolExecutor() as pool:  # pip waits more than it works
            for _ in pool.map(fetch, *zip(*missing, strict=True)):
                advance()


def summary(done: "Ingested", dry_run: bool = False) -> str:
    """What an ingest did, as text for a terminal."""
    from kormo_ds.cli.show import table

    would = "would be " if dry_run else ""
    rows = [
        (f"documents {would}added", done.n_added),
        *((f"  {lang}", n) for lang, n in sorted(done.by_lang.items())),
        ("present before", done.n_present),
        (f"rows {would}rejected", done.n_rejected),
        *((f"  {reason}", n) for reason, n in done.rejected.most_common()),
        ("rows read", done.n_read),
    ]
    lines = [table([f"ingest {done.ingest_run}", "rows"], rows)]
    lines += [f"{reason}, e.g. {example}" for reason, example in done.examples.items()]
    if done.n_left_out:
        lines.append(f"{done.n_left_out:,} files were not chosen or are of another kind")
    if done.skipped:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in done.skipped.most_common())
        lines.append(f"WARC records that hold no page: {kinds}")
    if not done.n_added and not done.n_rejected:
        lines.append("nothing new: all documents were in the lake already")
    else:
        lines.append(f"{done.n_bytes:,} bytes of text {would}added")
    return "\n".join(lines)


def _json(done: "Ingested", dry_run: bool) -> str:
    import json

    facts = {**vars(done), "n_rejected": done.n_rejected, "dry_run": dry_run}
    return json.dumps(facts, ensure_ascii=False)
