"""What is marked in a text is what training leaves out; its HTML is the text's and ours alone."""

import random
from html.parser import HTMLParser

import lance
import pyarrow as pa
import pytest

import lake
from kormo_ds.dashboard import document, marked
from kormo_ds.dashboard.ask import Asker
from kormo_ds.dashboard.marked import Piece, Span
from lake.spans import MASKED, SPANS, final_texts
from lake.tables import TABLES

ODD = "가나다\r\nab👩‍👩‍👧 שלום\u202e<b>&amp;</b>\x00é"
NAMES = {"duplicate": "duplicate", "line": "line", "personal": "personal data"}
OPEN = '<div class="kormo-text" dir="auto" role="region" tabindex="0" aria-label="">'
HOSTILE = (
    "<script>alert(1)</script>",
    "</mark></div><img src=x onerror=alert(1)>",
    "\"' onmouseover=alert(1) x='",
    "&lt;b&gt; &#60;i&#62;",
    "<!-- --><style>*{display:none}</style>",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "a\x00b\x1b[31mc\x07\r\nd\u2028e",
    "[link](javascript:alert(1)) ![p](http://x/y.png) $x^2$",
    "zero\u200bwidth\ufeff",
)
UNSEEN = set("\x00\x1b\x07\r\u202e\u202c\u2066\u2069\u200b\ufeff\u2028")


class Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError("a comment of the text's own")


def trained(text: str, marks: list[Span]) -> str:
    """The text as packing makes it."""
    columns = []
    for kind in marked.KINDS:
        given = [vars(mark) | {"kind": mark.name} for mark in marks if mark.kind == kind]
        columns.append(pa.array([given], MASKED if kind == "personal" else SPANS))
    return final_texts(pa.array([text]), *columns)[0].as_py()


@pytest.mark.parametrize("seed", range(40))
def test_what_is_not_marked_is_the_final_text(seed):
    drawn = random.Random(seed)
    text = "".join(drawn.choice(ODD) for _ in range(60))
    edges = [len(text[:i].encode()) for i in range(len(text) + 1)]
    marks = []
    for kind in marked.KINDS:
        cut = sorted(drawn.sample(edges, 2 * drawn.randint(0, 6)))
        name = "PHONE" if kind == "personal" else ""
        marks += [Span(a, b, kind, name) for a, b in zip(cut[::2], cut[1::2], strict=True)]
    whole = marked.pieces(text, marks)
    assert "".join(piece.text for piece in whole) == text
    assert marked.final(whole) == trained(text, marks)
    for n in (1, 7, 1000):
        parts = [marked.part(whole, first, n) for first in range(0, len(text), n)]
        assert marked.final(piece for part in parts for piece in part) == marked.final(whole)


def test_spans_over_all_of_a_text_and_at_its_borders():
    both = [Span(0, 3, "duplicate"), Span(0, 3, "line")]
    assert marked.pieces("가", both) == [Piece("가", tuple(both))]
    first, last = Span(0, 1, "line"), Span(2, 3, "line")
    assert [piece.spans for piece in marked.pieces("abc", [first, last])] == [(first,), (), (last,)]


def test_a_mask_stands_where_it_does_not_begin_inside_another_span():
    marks = [
        Span(2, 4, "duplicate"),
        Span(0, 1, "personal", "IP"),
        Span(3, 5, "personal", "EMAIL"),
    ]
    whole = marked.pieces("abcdef", marks)
    assert [piece.mask for piece in whole] == ["[IP]", "", "", "", "", ""]
    assert marked.final(whole) == "[IP]bf" == trained("abcdef", marks)


def test_marks_agree_with_the_view_of_final_texts(lk_with_spans):
    lk, asker = lk_with_spans
    for doc_id in ("clean", "of_text", "masked"):
        row = document.read(asker, doc_id)
        base = "text" if doc_id == "of_text" else "text_clean"
        whole = marked.pieces(row[base], marked.spans(row, base))
        assert marked.final(whole) == document.final(asker, doc_id)
    row = document.read(asker, "of_text")
    assert marked.spans(row, "text_clean") == []
    assert marked.elsewhere(row, "text_clean") == ["dup_spans"]


@pytest.fixture
def lk_with_spans(tmp_path):
    kinds = {"text_clean": pa.string(), "bff_text": pa.string(), "dup_spans": SPANS}
    kinds |= {"line_spans": SPANS, "pii_spans": MASKED}
    schema = pa.schema([*TABLES["documents"].schema, *(pa.field(*one) for one in kinds.items())])
    span = {"start": 0, "end": 3}
    rows = [
        {"doc_id": "clean", "text": "가 나\r\n다", "text_clean": "가 나\n다", "dup_spans": [span]},
        {"doc_id": "of_text", "text": "가\r\n나", "text_clean": "가\n나", "dup_spans": [span]},
        {"doc_id": "masked", "text": "a@b.kr 가", "text_clean": "a@b.kr 가"},
    ]
    rows[1]["bff_text"] = "text"
    rows[2] |= {"pii_spans": [{"start": 0, "end": 6, "kind": "EMAIL"}], "line_spans": [span]}
    lk = lake.create(tmp_path / "lake")
    lance.write_dataset(pa.Table.from_pylist(rows, schema=schema), lk.uri("documents"))
    asker = Asker(lk)
    yield lk, asker
    asker.close()


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
        f"{OPEN}"
        '<mark class="kormo-line" title="line"><b>[line: </b>가<b>]</b></mark>'
        '<mark class="kormo-duplicate" title="duplicate + line + personal data EMAIL">'
        "<b>[duplicate + line + personal data EMAIL: </b>나<b>]</b></mark>"
        '<mark class="kormo-duplicate" title="duplicate"><b>[duplicate: </b>다<b>]</b></mark>'
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
def test_what_is_not_seen_is_shown(text, shown):
    assert marked.to_html([Piece(text)], NAMES) == f"{OPEN}{shown}</div>"


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


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kinds", [(), ("duplicate",), ("line", "personal")])
def test_hostile_text_stays_text(text, kinds):
    marks = tuple(Span(0, 1, kind, text) for kind in kinds)
    read = Reader(marked.to_html([Piece(text, marks)], NAMES, label=text))
    assert {tag for tag, _ in read.tags} <= {"div", "mark", "b"}
    for _, attributes in read.tags:
        assert set(attributes) <= {"class", "dir", "role", "tabindex", "aria-label", "title"}
    assert [tag for tag, _ in read.tags].count("div") == 1
    seen = read.text + "".join(str(said) for _, given in read.tags for said in given.values())
    assert not UNSEEN & set(seen)


def test_what_is_read_is_the_text():
    text = "한국어 <b>\t1 & 2\n둘째 줄 👩‍👩‍👧 שלום"
    assert Reader(marked.to_html([Piece(text)], {})).text == text


def test_personal_data_is_hidden_until_it_is_asked_for():
    whole = marked.pieces("a@b.kr, x", [Span(0, 6, "personal", "EMAIL"), Span(8, 9, "line")])
    assert Reader(marked.to_html(whole, NAMES, hides=True)).text == (
        "[personal data EMAIL: •••], [line: x]"
    )
    assert "a@b.kr" in marked.to_html(whole, NAMES)


def test_each_kind_has_a_line_of_its_own_and_a_name_in_the_legend():
    lines = {
        line.partition("border-bottom: ")[2]
        for line in marked.STYLE.splitlines()
        if "border-bottom" in line
    }
    assert len({line.split()[1] for line in lines}) == len(marked.KINDS)
    read = Reader(marked.legend(marked.KINDS, NAMES))
    assert read.text == "[duplicate][line][personal data]"
