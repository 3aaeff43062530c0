"""`minhash`: clusters, keepers, documents that come later, filters before, and threads."""

import random

import pyarrow as pa
import pytest

import lake
from kormo_ds.dedup import Exact, MinHash
from kormo_ds.dedup.run import run
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.length import Length

ALONE = ("", 1, "kept")
OF = "near_duplicate"


def test_clusters_and_the_longest_of_each(lake_of, verdicts, article):
    a = article("a")
    lk = lake_of(
        {"a1": a, "b1": article("b"), "c": article("c")},
        {"a2": a + " more words", "b2": article("b", replaced=4), "a3": article("a", replaced=3)},
    )
    done = run(lk, MinHash())
    assert done.reasons == {"minhash_reason": {"kept": 3, OF: 3}}
    assert verdicts(lk, MinHash()) == {
        "a1": ("a3", 3, OF),  # a replaced word is longer by the letters of 'other'
        "a2": ("a3", 3, OF),
        "a3": ("", 3, "kept"),
        "b1": ("b2", 2, OF),
        "b2": ("", 2, "kept"),
        "c": ALONE,
    }


def test_fewer_words_than_an_ngram_are_not_compared(lake_of, verdicts):
    lk = lake_of({"a": "넷 뿐인 말 이다", "b": "넷 뿐인 말 이다", "c": "", "d": None})
    run(lk, MinHash())
    assert set(verdicts(lk, MinHash()).values()) == {ALONE}
    sketch = lk.dataset("documents").to_table(["minhash_sketch"]).column(0)[0].as_py()
    assert (sketch["compared"], sketch["n_ngrams"], sketch["n_bytes"]) == (False, 0, 21)


@pytest.mark.parametrize(
    ("keep", "keeper"),
    [("longest", "b"), ("first_doc_id", "a"), ("score desc", "c"), ("score asc", "b")],
)
def test_keep(lake_of, verdicts, article, keep, keeper):
    lk = lake_of({"a": article("x"), "b": article("x") + " end", "c": article("x")})
    lk.fill("documents", [Score()])
    run(lk, MinHash(keep=keep))
    found = verdicts(lk, MinHash())
    assert [doc_id for doc_id, verdict in found.items() if verdict == ("", 3, "kept")] == [keeper]
    assert {verdict[0] for verdict in found.values()} == {"", keeper}


class Score:
    name, version, fingerprint, ordered, reads = "score", 1, "", False, ("doc_id",)
    writes = (lake.Column("score", pa.float32(), ""), lake.Column("score_reason", pa.string(), ""))
    scores = {"a": 0.5, "b": 0.25, "c": 0.75}

    def __call__(self, batch):
        found = [self.scores[x] for x in batch.column("doc_id").to_pylist()]
        reasons = ["kept" if score < 0.7 else "too_good" for score in found]
        arrays = [pa.array(found, pa.float32()), pa.array(reasons)]
        return pa.RecordBatch.from_arrays(arrays, names=["score", "score_reason"])


def test_filters_come_first_and_no_cluster_is_orphaned(lake_of, verdicts, article):
    texts = {"a": article("x"), "b": article("x"), "c": article("x") + " longest of all"}
    lk = lake_of(texts)
    lk.fill("documents", [Score()])
    method = MinHash(after="score_reason")
    run(lk, method)
    assert verdicts(lk, method) == {
        "a": ("", 2, "kept"), "b": ("a", 2, OF), "c": ("", 0, "left_out"),
    }  # fmt: skip
    assert lk.sql(
        "select minhash_sketch.n_ngrams from documents where doc_id = 'c'"
    ).fetchall() == [(0,)]


def test_what_is_judged_stays_judged(lake_of, add, verdicts, article):
    lk = lake_of({"a": article("x"), "b": article("x", replaced=2)})
    run(lk, MinHash())
    before = {"a": ("b", 2, OF), "b": ("", 2, "kept")}
    assert verdicts(lk, MinHash()) == before
    add(lk, {"c": article("x") + " and a good deal more", "d": article("y")})
    done = run(lk, MinHash())
    assert (done.rows, done.rows_before) == (2, 2)
    assert verdicts(lk, MinHash()) == before | {"c": ("b", 3, OF), "d": ALONE}
    again = run(lk, MinHash())
    assert (again.rows, again.rows_before) == (0, 4)


def test_min_jaccard_joins_only_what_is_alike(lake_of, verdicts, article):
    """One row a band: even a distant pair meets in some band, and only the true one is joined."""
    texts = {"a": article("x"), "b": article("x", replaced=10), "c": article("x", replaced=180)}
    lk = lake_of(texts)
    loose = {"n_bands": 40, "rows": 1, "keep": "first_doc_id"}
    run(lk, MinHash(**loose))
    assert verdicts(lk, MinHash()) == {"a": ("", 3, "kept"), "b": ("a", 3, OF), "c": ("a", 3, OF)}
    lk.drop("documents", ["minhash_dup_of", "minhash_cluster", "minhash_reason"])
    # a and b share 396 - 14 of 396 + 14 n-grams: 0.9317; a and c 212 of 580.
    run(lk, MinHash(**loose, min_jaccard=0.9317))
    assert verdicts(lk, MinHash()) == {"a": ("", 2, "kept"), "b": ("a", 2, OF), "c": ALONE}
    lk.drop("documents", ["minhash_dup_of", "minhash_cluster", "minhash_reason"])
    run(lk, MinHash(**loose, min_jaccard=0.9318))
    assert set(verdicts(lk, MinHash()).values()) == {ALONE}


def crowd(n_clusters, seed):
    """Documents of clusters of 1 to 6, in a random order: {doc_id: text}, {doc_id: cluster}."""
    draw = random.Random(seed)
    texts, cluster = {}, {}
    for c in range(n_clusters):
        words = [f"w{draw.randrange(10**6)}" for _ in range(draw.randint(100, 300))]
        for member in range(draw.randint(1, 6)):
            # Changes stand at the end, so that all of a cluster are nearly the same: J > 0.95.
            texts[f"{draw.getrandbits(64):016x}"] = " ".join([*words, *[f"e{member}"] * member])
            cluster[list(texts)[-1]] = c
    ids = list(texts)
    draw.shuffle(ids)
    return {i: texts[i] for i in ids}, cluster


@pytest.mark.parametrize("method", [MinHash(), MinHash(min_jaccard=0.5)])
def test_any_order_of_rows_and_any_number_of_threads(tmp_path, verdicts, add, method):
    texts, cluster = crowd(300, seed=5)
    expected = {}
    for c in set(cluster.values()):
        members = sorted((-len(texts[i].encode()), i) for i in texts if cluster[i] == c)
        for _, i in members:
            keeper = "" if i == members[0][1] else members[0][1]
            expected[i] = (keeper, len(members), OF if keeper else "kept")
    for turn, threads in enumerate((1, 2, 5)):
        ids = list(texts)
        random.Random(turn).shuffle(ids)
        lk = lake.create(tmp_path / f"{turn}")
        step = (len(ids) + turn) // (turn + 1)
        for first in range(0, len(ids), step):
            add(lk, {i: texts[i] for i in ids[first : first + step]})
        run(lk, method, threads=threads)
        assert verdicts(lk, method) == expected


def test_it_says_what_it_needs_and_what_is_not_gated(lake_of, article):
    lk = lake_of({"a": article("x")})
    lk.fill("documents", [Clean(), *_words(), Length()])
    said = []
    run(lk, Exact(), say=said.append)
    run(lk, MinHash(after="length_reason"), say=said.append)
    assert [text.split("; ")[0] if "free" in text else text for text in said] == [
        "note: a document that length_reason is against may be kept for its copies; "
        "if it shall not: after=length_reason",
        "exact: 1 documents need 0.0 MB, and each that has a duplicate 300 bytes more",
        "note: a document that exact_reason is against may be kept for its copies; "
        "if it shall not: after=length_reason,exact_reason",
        "minhash: 1 documents need 0.0 MB, and each that has a duplicate 300 bytes more",
    ]


def _words():
    from kormo_ds.steps.words import Words

    return [Words()]
