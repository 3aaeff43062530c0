"""Mixtures: run a query of `sql/mixtures`, check its contract, record it to be repeated.

    query + parameters ──select──▶ selection ──run──▶ mixtures/NAME@VERSION  its rows, in order
                                                      mixture_totals         what they are made of
                                                      mixtures               the record

A selection has one row per document: `doc_id`, `component`, `repeats`, `sort_key`. The record
holds the query with the views it used, its parameters, a tag on the version of `documents` that
was asked, and a SHA-256 over the ordered rows: `verify` asks again and gets the same bytes.
"""

from kormo_ds.mixture.diff import Change, Difference, diff
from kormo_ds.mixture.overlap import n_unchecked
from kormo_ds.mixture.run import Run, run
from kormo_ds.mixture.show import Branch, tree
from kormo_ds.mixture.verify import verify

__all__ = [
    "Branch",
    "Change",
    "Difference",
    "Run",
    "diff",
    "n_unchecked",
    "run",
    "tree",
    "verify",
]
