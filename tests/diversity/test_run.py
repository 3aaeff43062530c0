"""From a lake to rows of `diversity`: equal samples, equal seeds, and what is left out."""

import json

import pyarrow as pa
import pytest

import lake
from kormo_ds.diversity import Settings, run
from kormo_ds.errors import BadConfig, BadInput, UnknownName

SMALL = {"words": 200, "excerpt": 20, "mixed": 3, "draws": 4}


def measured(lk, **settings):
    return run(lk, Settings(**{**SMALL, **settings}))


def test_samples_are_equal_and_small_groups_are_named(lk):
    result = measured(lk)
    assert [one.name for one in result.groups] == ["a", "b", "c", "d"]
    sizes = {(one.sample.n_documents, one.sample.n_words) for one in result.groups}
    sizes |= {(one.sample.n_documents, one.sample.n_words) for one in result.mixtures}
    assert sizes == {(10, 200)}
    small = [(g.name, g.n_candidates, len(g.excerpts), g.n_short) for g in result.too_small]
    assert small == [("e", 1, 0, 1)]
    assert result.found.n_unnamed == 12  # the seeds


def test_mixtures_are_of_the_same_seeds_where_there_are_any(lk):
    mixtures = {one.members: one.same_seeds for one in measured(lk).mixtures}
    assert set(mixtures) <= {("a", "b", "c"), ("a", "b", "d"), ("a", "c", "d"), ("b", "c", "d")}
    assert len(mixtures) > 1
    assert all(same == ("d" not in members) for members, same in mixtures.items())


def test_a_mixture_answers_each_seed_once_in_equal_shares(lk):
    result = measured(lk, where="synthesizer in ('a', 'b', 'c')")
    (one,) = result.mixtures
    assert (one.members, one.same_seeds) == (("a", "b", "c"), True)
    of = {
        excerpt: (group.name, slot)
        for group in result.found.groups
        for slot, excerpt in group.excerpts.items()
    }
    taken = [of[text] for text in one.sample.texts.to_pylist()]
    assert [sum(name == voice for name, _ in taken) for voice in "abc"] == [4, 3, 3]
    assert len({slot for _, slot in taken}) == 10
    alone = [m.values["distinct_1"] for m in result.groups]
    assert one.alone["distinct_1"] == pytest.approx(sum(alone) / 3)
    assert one.values["distinct_1"] > max(alone)  # their words differ


def test_rows_say_what_was_measured(lk):
    result = measured(lk)
    rows = lk.dataset("diversity").to_table().to_pylist()
    first = rows[0]
    assert (first["facet"], first["name"], first["members"]) == ("synthesizer", "a", None)
    assert (first["n_documents"], first["n_words"], first["alone"]) == (10, 200, None)
    assert first["documents_version"] == lk.version("documents")
    assert json.loads(first["settings"])["excerpt"] == 20
    growth = [r for r in rows if r["name"] == "a" and r["measure"] == "vocabulary"]
    assert [r["n_words"] for r in growth] == list(range(10, 201, 10))
    (small,) = (r for r in rows if r["measure"] == "too_small")
    assert (small["name"], small["value"], small["n_documents"]) == ("e", 0, 1)
    mixed = [r for r in rows if r["members"] and r["measure"] == "self_bleu"]
    assert len(mixed) == len(result.mixtures) and all(r["alone"] is not None for r in mixed)


def test_the_same_seed_chooses_the_same_documents_and_another_others(lk):
    def texts(**settings):
        return [one.sample.texts.to_pylist() for one in measured(lk, **settings).groups]

    assert texts() == texts()
    assert texts() != texts(seed=1)


def test_the_choice_does_not_depend_on_the_order_of_rows(lk, tmp_path):
    table = lk.dataset("documents").to_table()
    other = lake.create(tmp_path / "other")
    other.append("documents", table.take(pa.array(range(len(table) - 1, -1, -1))))
    first, second = (
        [one.sample.texts.to_pylist() for one in [*r.groups, *r.mixtures]]
        for r in (measured(lk), measured(other))
    )
    assert first == second


def test_a_seed_gives_per_seed_documents(lk):
    more = {"lang": "ko", "synthesizer": "a", "parent_id": "seed00", "text": "v " * 30}
    lk.append("documents", pa.Table.from_pylist([{"doc_id": "again", **more}]))

    def group(**settings):
        (found,) = (g for g in measured(lk, **settings).found.groups if g.name == "a")
        return found.n_candidates, found.n_more

    assert group() == (12, 1)
    assert group(per_seed=2) == (13, 0)


@pytest.mark.parametrize(
    ("group", "names", "unnamed"),
    [
        ("style", ["essay", "list"], 12 + 10 + 1),
        ("seed_pool", ["pool0", "pool1"], 12 + 10 + 1),
        ("source", ["made", "pool0", "pool1"], 10 + 1),
    ],
)
def test_other_groups(lk, group, names, unnamed):
    result = measured(lk, group=group, words=80)
    assert [g.name for g in result.found.groups] == names
    assert result.found.n_unnamed == unnamed


def test_short_documents_are_read_past(lk):
    short = [
        {"doc_id": f"x{i}", "lang": "ko", "synthesizer": "f", "text": "kurz " * (5 + 20 * (i < 10))}
        for i in range(60)
    ]
    lk.append("documents", pa.Table.from_pylist(short))
    result = measured(lk, where="synthesizer = 'f'")
    (group,) = result.found.groups
    assert [one.name for one in result.groups] == ["f"]
    assert len(group.excerpts) >= 10 and group.n_short == group.n_read - len(group.excerpts)


def test_answers_are_measured_and_questions_not(lk):
    turns = [("user", "frage " * 30), ("assistant", "antwort " * 25)]
    messages = [{"role": r, "content": c, "reasoning": None} for r, c in turns]
    rows = [
        {"doc_id": f"m{i}", "lang": "de", "synthesizer": "g", "text": "all", "messages": messages}
        for i in range(2)
    ]
    schema = lk.schema("documents")
    lk.append("documents", pa.Table.from_pylist(rows, schema=schema))
    (one,) = measured(lk, lang="de", words=40).groups
    assert one.sample.texts.to_pylist() == [" ".join(["antwort"] * 20)] * 2
    assert not measured(lk, lang="de", words=40, text="source_id").groups  # NULL is no text
    (one,) = measured(lk, lang="de", words=40, text="repeat(doc_id || ' x ', 30)").groups
    assert one.sample.texts[0].as_py().startswith("m")


def test_clean_text_comes_before_the_text(lk):
    ids = lk.dataset("documents").to_table(["doc_id"])["doc_id"].to_pylist()
    clean = pa.table({"text_clean": ["z" if doc_id == "a00" else None for doc_id in ids]})
    lk.dataset("documents").add_columns(clean.to_reader())
    result = measured(lk, words=220, where="synthesizer = 'a'")
    (group,) = result.found.groups
    assert (len(group.excerpts), group.n_short) == (11, 1)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"group": "synthesiser"}, UnknownName, "did you mean 'synthesizer'"),
        ({"lang": "fr"}, BadInput, "no document with lang = 'fr' and true; see: kormo sql"),
        ({"where": "nothing = 1"}, lake.BadQuery, 'where=nothing = 1: .*"nothing" not found'),
        ({"where": "true) qualify (true"}, lake.BadQuery, "where=true"),
        ({"text": "nope"}, lake.BadQuery, "text=nope: "),
        ({"excerpt": 3}, BadConfig, "excerpt=3 must be at least 4"),
        ({"mixed": 1}, BadConfig, "mixed=1 is one group alone"),
        ({"words": 30}, BadConfig, "words=30 are fewer than two excerpts of 20 words"),
    ],
)
def test_mistakes_name_the_way_out(lk, settings, error, message):
    with pytest.raises(error, match=message):
        measured(lk, **settings)
