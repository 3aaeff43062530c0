"""`kormo pack … groups=true`: what validation tells documents apart by."""

from kormo_ds.cli.pack import pack as command
from kormo_ds.pack import Settings, pack
from kormo_ds.sequences import groups

TEXTS = {"a": "hello", "b": "xy", "c": "longer text"}
SELECTION = [("c", "web", 2.0), ("a", "law", 1.0)]


def test_the_documents_of_the_mixture_each_once(make_lake):
    lk = make_lake(TEXTS, SELECTION)
    command(["m", "tokenizer=bytes", "length=8", "name=s", "groups=true"], lk.root)
    found = groups.read(lk.path("sequences", "s"))
    assert found == {"a": ("unknown", "unknown", None), "c": ("unknown", "unknown", None)}


def test_they_are_added_to_rows_that_are_there_and_change_no_fingerprint(make_lake):
    lk = make_lake(TEXTS, SELECTION)
    settings = {"tokenizer": "bytes", "length": 8, "name": "s"}
    without = pack(lk, "m", Settings(**settings))
    assert groups.read(lk.path("sequences", "s")) is None
    packed = pack(lk, "m", Settings(**settings, groups=True))
    assert packed.was_there and packed.facts == without.facts
    assert set(groups.read(lk.path("sequences", "s"))) == {"a", "c"}
