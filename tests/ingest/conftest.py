import pytest

from kormo_ds.ingest import Source, formats
from kormo_ds.ingest.mapping import ToDocument
from kormo_ds.ingest.patterns import Selection
from kormo_ds.ingest.reading import Reading
from kormo_ds.ingest.rows import REASONS, Row
from kormo_ds.progress import silent

CONSTANTS = {"lang": "en", "source": "test", "origin": "crawled"}


@pytest.fixture
def outcome():
    """Read a path without a lake: the texts of documents and the reasons of rejects, in order."""

    def run(path, **options):
        source = Source(**{**CONSTANTS, "path": str(path), **options})
        selection = Selection(source.root, source.include, source.exclude)
        to_document = ToDocument(source)
        reading = Reading(selection, source.max_chars, to_document.reads, silent)
        found = []
        for file in formats.find(path, selection):
            for row in formats.reader(file.path)(file, reading):
                result = to_document(row) if isinstance(row, Row) else row
                if hasattr(result, "reason"):
                    assert result.reason in REASONS
                    found.append((row.name, row.line, result.reason))
                else:
                    found.append((row.name, row.line, result.text.decode()))
        return found

    return run
