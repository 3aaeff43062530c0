import pyarrow as pa
import pytest

from kormo_ds.dashboard import document, marked
from kormo_ds.dashboard.marked import Piece, Span
from lake.spans import MASKED, SPANS, final_texts

TEXT = "가나다\r\n<b>&\U0001f600\u202eend"
NAMES = {"duplicate": "duplicate", "line": "line", "personal": "personal data"}


def removed(text: str, marks: list[Span]) -> str:
    return "".join(piece.text for piece in marked.pieces(text, marks) if not piece.spans)


@pytest.mark.parametrize(
    "marks",
    [
        [],
        [(0, 3)],
        [(3, 9)],
        [(0, 6), (3, 9)],
        [(0, len(TEXT.encode()))],
        [(9, 11), (14, 15), (15, 19)],
    ],
    ids=str,
)
def test_what_is_not_marked_is_the_final_text(marks):
    spans = [Span(start, end, "duplicate") for start, end in marks[::2]]
    lines = [Span(start, end, "line") for start, end in marks[1::2]]

    def column(given):
        return pa.array([[{"start": s.start, "end": s.end} for s in given]], SPANS)

    final = final_texts(pa.array([TEXT]), column(spans), column(lines)).to_pylist()
    assert [removed(TEXT, spans + lines)] == final


def test_pieces_join_to_the_text_and_name_every_span():
    spans = [Span(0, 6, "line"), Span(3, 9, "duplicate"), Span(3, 6, "personal", "EMAIL")]
    found = marked.pieces("가나다라", spans)
    assert found == [
        Piece("가", (spans[0],)),
        Piece("나", (spans[1], spans[0], spans[2])),
        Piece("다", (spans[1],)),
        Piece("라"),
    ]
    assert marked.to_html(found, NAMES) == (
        '<div class="kormo-text">'
        '<mark class="kormo-line" title="line"><b>line</b>가</mark>'
        '<mark class="kormo-duplicate" title="duplicate + line + personal data EMAIL">'
        "<b>duplicate + line + personal data EMAIL</b>나</mark>"
        '<mark class="kormo-duplicate" title="duplicate"><b>duplicate</b>다</mark>'
        "라</div>"
    )


def test_spans_that_are_of_no_text_mark_nothing():
    assert marked.pieces("ab", [Span(-1, 1, "line"), Span(1, 99, "line"), Span(1, 1, "line")]) == [
        Piece("ab")
    ]
    assert marked.pieces("", []) == []


def test_a_part_of_a_text_keeps_marks_that_it_cuts():
    span = Span(2, 6, "line")
    whole = marked.pieces("abcdefgh", [span])
    assert marked.part(whole, 3, 2) == [Piece("de", (span,))]
    assert marked.part(whole, 5, 100) == [Piece("f", (span,)), Piece("gh")]
    joined = [p.text for i in range(0, 8, 3) for p in marked.part(whole, i, 3)]
    assert "".join(joined) == "abcdefgh"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('"><img src=x onerror=alert(1)>', "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("x\u202ecod.exe", "x⟨U+202E⟩cod.exe"),
        ("\x1b[31mred\x00", "⟨U+001B⟩[31mred⟨U+0000⟩"),
        ("line\nand\ttab", "line\nand\ttab"),
    ],
)
def test_hostile_text_stays_text(text, shown):
    assert marked.to_html([Piece(text)], NAMES) == f'<div class="kormo-text">{shown}</div>'
    named = marked.to_html([Piece("a", (Span(0, 1, "personal", text),))], NAMES)
    assert "<script" not in named and "<img" not in named


def test_spans_are_of_the_text_that_bff_compared():
    row = {
        "text": "AB ab",
        "text_clean": "ab",
        "bff_text": "text",
        "dup_spans": [{"start": 0, "end": 2}],
        "line_spans": [{"start": 0, "end": 1}],
        "pii_spans": None,
    }
    assert marked.spans(row, "text") == [Span(0, 2, "duplicate")]
    assert marked.spans(row, "text_clean") == [Span(0, 1, "line")]
    row = row | {"text_clean": "AB ab"}
    assert [span.kind for span in marked.spans(row, "text_clean")] == ["duplicate", "line"]
    masks = [{"start": 0, "end": 1, "kind": "EMAIL"}]
    assert pa.array([masks], MASKED).to_pylist() == [masks]
    assert marked.spans({"text": "a", "pii_spans": masks}, "text") == [
        Span(0, 1, "personal", "EMAIL")
    ]


def test_all_columns_say_who_wrote_them_and_what_lacks_its_command(asker, lk, documents):
    row = document.read(asker, "a")
    values = {one.column: one for one in document.values(lk, asker, row)}
    assert document.read(asker, "nothing") is None
    assert values["doc_id"].step == "birth"
    assert (values["n_bytes"].value, values["n_bytes"].command) == (1, None)
    assert "text" not in values
    assert document.final(asker, "a") == "a"
