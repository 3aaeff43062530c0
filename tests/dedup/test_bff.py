"""BFF on small lakes: what each mode keeps, in literal tables; appends, bad input, alarms."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest

import lake
from kormo_ds.dedup import alarms, memory, run_bff
from kormo_ds.dedup.bff import COLUMNS, Settings
from kormo_ds.dedup.run_bff import run
from kormo_ds.errors import BadConfig, BadInput, Damaged, UnknownName

A, B, C, D, E = (" ".join(f"{name}{i}" for i in range(20)) for name in "abcde")
LONG = " ".join(f"g{i}" for i in range(40))
SHORT = "one two three four five"
KEPT, DUPLICATE, NOTHING_LEFT = "kept", "duplicate_document", "nothing_left"


def documents(*texts, first=0, **columns):
    ids = [f"d{first + i}" for i in range(len(texts))]
    return pa.table({"doc_id": ids, "text": pa.array(texts, pa.string()), **columns})


def judged(lk, *columns):
    names = ["final_text", "bff_total", "bff_contained", "bff_reason", *columns]
    rows = lk.sql(f"""
        select {", ".join(names)} from documents join final_text using (doc_id)
        order by substr(doc_id, 2)::int
    """)
    return rows.fetchall()


@pytest.fixture
def lk(tmp_path):
    return lake.create(tmp_path / "lake")


CASES = {
    "the same document twice": (
        [f"{A}\n{B}", f"{A}\n{B}"],
        {
            "paragraph": [(f"{A}\n{B}", 16, 0, KEPT), ("", 16, 16, NOTHING_LEFT)],
            "document": [(f"{A}\n{B}", 28, 0, KEPT), ("", 28, 28, DUPLICATE)],
            "old-both": [(f"{A}\n{B}", 16, 0, KEPT), ("", 16, 16, DUPLICATE)],
            "exact": [(f"{A}\n{B}", 1, 0, KEPT), ("", 1, 1, DUPLICATE)],
            "keep_one": [(f"{A}\n{B}", 16, 0, KEPT), ("", 16, 16, DUPLICATE)],
        },
    ),
    "a paragraph repeated inside one document": (
        [f"{A}\n{B}\n{A}"],
        {
            "old-both": [(f"{A}\n{B}", 24, 8, KEPT)],
            "document": [(f"{A}\n{B}\n{A}", 48, 0, KEPT)],
            "keep_one": [(f"{A}\n{B}", 24, 8, KEPT)],
        },
    ),
    "the first and the last paragraph are cut": (
        [A, f"{A}\n{B}\n{C}", f"{D}\n{A}"],
        {
            "old-both": [(A, 8, 0, KEPT), (f"\n{B}\n{C}", 24, 8, KEPT), (D, 16, 8, KEPT)],
            "keep_one": [(A, 8, 0, KEPT), (f"\n{B}\n{C}", 24, 8, KEPT), (D, 16, 8, KEPT)],
            "exact": [(A, 1, 0, KEPT), (f"{A}\n{B}\n{C}", 1, 0, KEPT), (f"{D}\n{A}", 1, 0, KEPT)],
        },
    ),
    "short paragraphs are neither cut nor counted, but go with a whole copy": (
        [f"{SHORT}\n{A}", f"{SHORT}\n{B}", f"{SHORT}\n{A}"],
        {
            "old-both": [
                (f"{SHORT}\n{A}", 8, 0, KEPT),
                (f"{SHORT}\n{B}", 8, 0, KEPT),
                ("", 8, 8, DUPLICATE),
            ],
            "paragraph": [
                (f"{SHORT}\n{A}", 8, 0, KEPT),
                (f"{SHORT}\n{B}", 8, 0, KEPT),
                (SHORT, 8, 8, KEPT),
            ],
            "keep_one": [
                (f"{SHORT}\n{A}", 8, 0, KEPT),
                (f"{SHORT}\n{B}", 8, 0, KEPT),
                ("", 8, 8, DUPLICATE),
            ],
        },
    ),
    "a share equal to the threshold stays": (
        [" ".join(f"x{i}" for i in range(16)), " ".join(f"x{i}" for i in range(16)) + " NEW"],
        {"old-both": [(" ".join(f"x{i}" for i in range(16)), 4, 0, KEPT),
                      (" ".join(f"x{i}" for i in range(16)) + " NEW", 5, 4, KEPT)]},
    ),
    "what only an emptied document holds is lost by old-both, and kept by keep_one": (
        [f"{A}\n{B}\n{C}\n{D}\n{LONG}", f"{A}\n{B}\n{C}\n{D}\n{LONG}\n{E}", E, E],
        {
            "old-both": [
                (f"{A}\n{B}\n{C}\n{D}\n{LONG}", 60, 0, KEPT),
                ("", 68, 60, DUPLICATE),
                ("", 8, 8, DUPLICATE),
                ("", 8, 8, DUPLICATE),
            ],
            "keep_one": [
                (f"{A}\n{B}\n{C}\n{D}\n{LONG}", 60, 0, KEPT),
                (f"\n{E}", 68, 60, KEPT),
                ("", 8, 8, DUPLICATE),
                ("", 8, 8, DUPLICATE),
            ],
        },
    ),
    "blank and missing texts": (
        ["", "\n\n\n", None, f"\n{A}", A],
        {
            "old-both": [
                ("", 0, 0, KEPT),
                ("\n\n\n", 0, 0, KEPT),
                ("", 0, 0, KEPT),
                (f"\n{A}", 8, 0, KEPT),
                ("", 8, 8, DUPLICATE),
            ],
            "exact": [
                ("", 0, 0, KEPT),
                ("\n\n\n", 1, 0, KEPT),
                ("", 0, 0, KEPT),
                (f"\n{A}", 1, 0, KEPT),
                (A, 1, 0, KEPT),
            ],
            "keep_one": [
                ("", 0, 0, KEPT),
                ("\n\n\n", 0, 0, KEPT),
                ("", 0, 0, KEPT),
                (f"\n{A}", 8, 0, KEPT),
                ("", 8, 8, DUPLICATE),
            ],
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "mode", "expected"),
    [
        pytest.param(texts, mode, rows, id=f"{name}: {mode}")
        for name, (texts, modes) in CASES.items()
        for mode, rows in modes.items()
    ],
)
def test_what_is_kept(lk, texts, mode, expected):
    lk.append("documents", documents(*texts))
    run(lk, Settings(mode=mode, fp=1e-9))
    assert judged(lk) == expected


def test_a_paragraph_between_min_and_max_is_one_ngram(lk):
    lk.append("documents", documents(f"{SHORT}\n{A}", f"{SHORT} six", SHORT, "one two three four"))
    run(lk, Settings(min_ngram=5, fp=1e-9))
    assert [row[1:] for row in judged(lk)] == [
        (9, 0, KEPT), (1, 0, KEPT), (1, 1, DUPLICATE), (0, 0, KEPT),
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["old-both", "keep_one"])
def test_later_appends_meet_what_was_seen_before(lk, mode):
    lk.append("documents", documents(A, B))
    first = run(lk, Settings(mode=mode))
    assert (first.filled.rows, first.seen.rows) == (2, 2)
    lk.append("documents", documents(f"{C}\n{B}", C, first=2))
    second = run(lk, Settings(mode=mode))
    assert (second.filled.rows, second.filled.rows_before, second.seen.rows) == (2, 2, 4)
    assert judged(lk)[2:] == [(C, 16, 8, KEPT), ("", 8, 8, DUPLICATE)]
    assert run(lk, Settings(mode=mode)).filled.rows == 0


@pytest.mark.parametrize("what", ["removed", "damaged", "of other documents"])
def test_a_filter_that_is_gone_is_made_again_from_the_documents(lk, tmp_path, what):
    lk.append("documents", documents(A, B))
    run(lk, Settings())
    (file,) = (tmp_path / "lake" / "dedup").glob("*/seen.bin")
    if what == "removed":
        file.unlink()
    if what == "damaged":
        file.write_bytes(file.read_bytes()[:-8])
        with pytest.raises(Damaged, match="seen.bin is not a whole filter; remove it"):
            run(lk, Settings())
        file.unlink()
    if what == "of other documents":
        head, bits = file.read_bytes().split(b"\n", 1)
        file.write_bytes(head.replace(b'"last": "d1"', b'"last": "x1"') + b"\n" + bits)
        with pytest.raises(Damaged):
            run(lk, Settings())
        file.unlink()
    lk.append("documents", documents(f"{C}\n{B}", first=2))
    assert run(lk, Settings()).seen.rows == 3
    assert judged(lk)[2:] == [(C, 16, 8, KEPT)]


def test_documents_that_an_earlier_step_rejects_take_no_part(lk):
    from kormo_ds.steps.clean import Clean
    from kormo_ds.steps.length import Length
    from kormo_ds.steps.run import run as run_steps

    lk.append("documents", documents(A, f"{A}\n{B}\n{C}", f"{A}\n{B}\n{D}"))
    run_steps(lk, [Clean(), Length(min_words=30)])
    run(lk, Settings(after="length_reason"))
    assert judged(lk, "bff_text") == [
        (A, 0, 0, "left_out", "text_clean"),
        (f"{A}\n{B}\n{C}", 24, 0, KEPT, "text_clean"),
        (f"\n{D}", 24, 16, KEPT, "text_clean"),
    ]


def test_a_reason_may_be_asked_of_one_language_only(lk):
    from kormo_ds.steps.clean import Clean
    from kormo_ds.steps.length import Length
    from kormo_ds.steps.run import run as run_steps

    lk.append("documents", documents(A, A, f"{A}\n{B}\n{C}", lang=["en", "ko", None]))
    run_steps(lk, [Clean(), Length(min_words=30)])
    run(lk, Settings(after="length_reason@en"))
    assert [row[3] for row in judged(lk)] == ["left_out", KEPT, KEPT]
    assert [row[2] for row in judged(lk)] == [0, 0, 8]


def test_text_clean_is_taken_where_it_is_there(lk):
    from kormo_ds.steps.clean import Clean
    from kormo_ds.steps.run import run as run_steps

    decomposed = "가나다 " * 12

    lk.append(
        "documents", documents(decomposed + "끝", unicodedata.normalize("NFD", decomposed) + "끝")
    )
    run_steps(lk, [Clean()])
    run(lk, Settings())
    assert [row[3] for row in judged(lk)] == [KEPT, DUPLICATE]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"mode": "oldboth"}, UnknownName, "unknown mode 'oldboth'; did you mean 'old-both'"),
        ({"unit": "jamo"}, UnknownName, "unknown unit 'jamo'"),
        ({"min_ngram": 14}, BadConfig, "min_ngram=14 and max_ngram=13"),
        ({"threshold": 1.5}, BadConfig, "threshold=1.5 is no share"),
        ({"fp": 0.0}, BadConfig, "fp=0.0 is no rate"),
        ({"expected": -1}, BadConfig, "expected=-1"),
        ({"text": "body"}, UnknownName, "unknown text 'body'"),
    ],
)
def test_settings_that_cannot_be(settings, error, message):
    with pytest.raises(error, match=message):
        Settings(**settings)


def test_columns_that_are_not_there(lk):
    lk.append("documents", documents(A))
    with pytest.raises(BadInput, match="no text_clean yet; write it with: kormo step run clean"):
        run(lk, Settings(text="text_clean"))
    with pytest.raises(BadInput, match="no column 'c4_reason'; reasons there are: none"):
        run(lk, Settings(after="c4_reason"))


def test_other_settings_are_refused_with_the_way_out(lk):
    lk.append("documents", documents(A))
    run(lk, Settings())
    with pytest.raises(lake.ColumnTaken, match=f"kormo lake drop {' '.join(COLUMNS)}"):
        run(lk, Settings(threshold=0.5))
    lk.drop("documents", list(COLUMNS))
    assert run(lk, Settings(threshold=0.5)).filled.rows == 1


def test_a_filter_that_does_not_fit_is_refused_before_anything_is_written(lk, monkeypatch):
    lk.append("documents", documents(A))
    monkeypatch.setattr(memory, "available", lambda: 10_000_000)
    told = []
    with pytest.raises(BadInput, match=r"takes 1\.3 GB, and 0\.0 GB are free"):
        run(lk, Settings(expected=10**9), announce=told.append)
    assert told[0].n_bytes == 1_262_413_504
    assert "bff_reason" not in lk.schema().names


def test_the_forecast_counts_ngrams(lk):
    lk.append("documents", documents(*[f"{A}\n{B}"] * 50))
    told = []
    run(lk, Settings(), announce=told.append)
    assert (told[0].n_rows, told[0].n_ngrams, told[0].continues) == (50, 800, 0)
    assert told[0].plan.n_entries == run_bff.LEAST
    lk.append("documents", documents(A, first=50))
    run(lk, Settings(), announce=told.append)
    assert (told[1].n_rows, told[1].continues) == (1, 50)


def test_a_filter_above_its_plan_raises_an_alarm(lk):
    texts = [" ".join(f"w{n}x{i}" for i in range(500)) for n in range(20)]
    lk.append("documents", documents(*texts))
    report = run(lk, Settings(expected=2000))
    (line,) = alarms.lines(report, [])
    assert "was made for 2,000" in line and "expected=" in line
    assert report.seen.fp > 0.01
    lk.drop("documents", list(COLUMNS))
    report = run(lk, Settings(expected=20_000))
    assert alarms.lines(report, []) == []


def test_a_source_that_loses_an_unusual_share_raises_an_alarm(lk):
    mine = [" ".join(f"{s}{i}w{j}" for j in range(30)) for s in "abc" for i in range(4)]
    texts = [*mine, *[A] * 4]
    sources = [s for s in "abc" for _ in range(4)] + ["copies"] * 4
    rows = documents(*texts, lang=["ko"] * 16, source=sources)
    lk.append("documents", rows)
    report = run(lk, Settings())
    found = alarms.losses(lk, "text")
    assert [(loss.source, loss.removed, loss.share) for loss in found] == [
        ("copies", 3, 0.75), ("a", 0, 0.0), ("b", 0, 0.0), ("c", 0, 0.0),
    ]  # fmt: skip
    (line,) = alarms.lines(report, found)
    assert line.startswith("source 'copies' (ko) loses 75% of its bytes")


def test_threads_do_not_matter(tmp_path):
    choice = np.random.default_rng(5)
    words = [f"w{i}" for i in range(30)]
    texts = ["\n".join(" ".join(choice.choice(words, 25)) for _ in range(3)) for _ in range(3000)]
    found = []
    for threads in (1, 3):
        lk = lake.create(tmp_path / f"lake{threads}")
        lk.append("documents", documents(*texts, *texts[:500]))
        run(lk, Settings(max_ngram=2, min_ngram=2), threads=threads)
        found.append(lk.dataset().to_table(list(COLUMNS)))
    assert found[0].equals(found[1])
    assert sum(len(spans) for spans in found[0]["dup_spans"].to_pylist()) > 0


def test_a_filter_that_has_seen_more_than_is_judged_is_not_used(lk, monkeypatch):
    lk.append("documents", documents(A, f"{A}\n{B}"))
    lk.append("documents", documents(f"{B}\n{C}", D, first=2))
    run(lk, Settings())
    expected = judged(lk)
    lk.drop("documents", list(COLUMNS))
    fill = lake.Lake.fill

    def interrupted():
        raise KeyboardInterrupt

    def first_commit(self, *given, **more):
        return fill(self, *given, **more | {"commit_every": 1, "after_commit": interrupted})

    monkeypatch.setattr(lake.Lake, "fill", first_commit)
    with pytest.raises(KeyboardInterrupt):
        run(lk, Settings())
    monkeypatch.undo()
    assert lk.dataset().count_rows("bff_reason is not null") == 2
    run(lk, Settings())
    assert judged(lk) == expected
