"""Whole-table work: which documents are the same, or nearly, and which one of them is kept.

`METHODS` is the one list of methods that judge documents by sketches; `run` runs one.
"""

from kormo_ds.dedup.exact import Exact
from kormo_ds.dedup.method import Method
from kormo_ds.dedup.minhash import MinHash

METHODS: dict[str, type[Method]] = {"exact": Exact, "minhash": MinHash}
