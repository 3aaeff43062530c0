"""The world into `documents`: files of rows, texts, archives and pinned packages.

    from kormo_ds.ingest import Source, ingest
    ingest(lk, [Source(path="wiki.jsonl.zst", lang="ko", source="wiki", origin="crawled")])

Reading is streaming, what cannot be used is counted and kept as a reject, and the same input twice
adds nothing.
"""

from kormo_ds.ingest.run import Ingested as Ingested
from kormo_ds.ingest.run import ingest as ingest
from kormo_ds.ingest.source import Source as Source

__all__ = ["Ingested", "Source", "ingest"]
