"""What a mixture is made of, and what changed from one to another."""

import lake
from kormo_ds import mixture
from kormo_ds.mixture import Branch, Change

SELECT = "select doc_id, {component} as component, {repeats} as repeats, doc_id as sort_key "


def test_the_tree_is_component_language_source_the_largest_first(lk, query):
    asked = query(
        SELECT.format(component="'all'", repeats="if(lang = 'ko', 2.0::double, 1)")
        + "from documents"
    )
    made = mixture.run(lk, asked, {}).mixture
    ko = (
        Branch("web · curated", 2, 90, 45, 2.0, 0.5, ()),
        Branch("wiki · curated", 1, 60, 30, 2.0, 120 / 360, ()),
    )
    en = (
        Branch("web · curated", 2, 30, 7, 1.0, 30 / 360, ()),
        Branch("wiki · curated", 1, 30, 6, 1.0, 30 / 360, ()),
    )
    languages = (
        Branch("ko", 3, 150, 75, 2.0, 300 / 360, ko),
        Branch("en", 3, 60, 13, 1.0, 60 / 360, en),
    )
    components = (Branch("all", 6, 210, 88, 360 / 210, 1.0, languages),)
    assert mixture.tree(lk, made) == Branch("mine@1", 6, 210, 88, 360 / 210, 1.0, components)


def test_a_component_that_is_a_language_is_one_branch(lk):
    made = mixture.run(lk, lake.Query.read("sql/mixtures/demo.sql"), {}).mixture
    trunk = mixture.tree(lk, made)
    assert [branch.label for branch in trunk.branches] == ["ko", "en"]
    assert [branch.label for branch in trunk.branches[0].branches] == [
        "web · curated",
        "wiki · curated",
    ]


def record(lk, query, select):
    return mixture.run(lk, query(select), {}).mixture


def test_diff_counts_in_out_repeats_and_moves(lk, query):
    before = record(
        lk,
        query,
        SELECT.format(component="'a'", repeats="1.0::double")
        + "from documents where doc_id in ('ko1', 'ko2', 'en1', 'en5')",
    )
    after = record(
        lk,
        query,
        SELECT.format(
            component="if(doc_id = 'en5', 'b', 'a')",
            repeats="if(doc_id = 'ko2', 3.0::double, 1)",
        )
        + "from documents where doc_id in ('ko2', 'ko4', 'en1', 'en5')",
    )
    found = mixture.diff(lk, before, after)
    assert found.changes == (
        Change("in", "a", "ko", 1, 60, 30, 30),  # ko4
        Change("in", "b", "en", 1, 20, 5, 5),  # en5, into b
        Change("out", "a", "en", 1, 20, 5, -5),  # en5, out of a
        Change("out", "a", "ko", 1, 40, 20, -20),  # ko1
        Change("repeats", "a", "ko", 1, 50, 25, 50),  # ko2, three times
    )
    assert (found.n_same, found.is_same) == (1, False)


def test_the_same_documents_in_another_order_are_no_change(lk):
    asked = lake.Query.read("sql/mixtures/demo.sql")
    first = mixture.run(lk, asked, {"seed": 1}).mixture
    other = mixture.run(lk, asked, {"seed": 2}).mixture
    found = mixture.diff(lk, first, other)
    assert (found.changes, found.n_same, found.is_same) == ((), 5, False)
    assert mixture.diff(lk, first, first).is_same


def test_documents_that_came_later_are_known_to_the_diff(lk, query):
    import pyarrow as pa

    select = SELECT.format(component="'a'", repeats="1.0::double") + "from documents"
    before = record(lk, query, select)
    lk.append("documents", pa.table({"doc_id": ["new"], "text": ["x"], "lang": ["ja"]}))
    after = record(lk, query, select)
    assert mixture.diff(lk, before, after).changes == (
        Change("in", "a", "ja", 1, None, None, None),
    )
    assert mixture.diff(lk, after, before).changes == (
        Change("out", "a", "ja", 1, None, None, None),
    )
