"""Spans applied to texts: what is left out, what is masked, what overlaps."""

import pyarrow as pa
import pytest

from lake.spans import MASKED, SPANS, final_texts


def span(start, end, kind=None):
    return {"start": start, "end": end} | ({"kind": kind} if kind else {})


@pytest.mark.parametrize(
    ("text", "removed", "too", "masked", "expected"),
    [
        ("abcdef", [span(0, 2)], [], [], "cdef"),
        ("abcdef", [span(0, 2), span(4, 6)], [], [], "cd"),
        ("abcdef", [span(0, 6)], [], [], ""),
        ("가나다", [span(3, 6)], [], [], "가다"),
        ("abcdef", [span(0, 3)], [span(2, 4)], [], "ef"),
        ("abcdef", [span(0, 6)], [span(2, 4)], [span(1, 2, "IP")], ""),
        ("abcdef", [], [], [span(1, 3, "IP"), span(3, 4, "CARD")], "a[IP][CARD]ef"),
        ("abcdef", [span(0, 2)], [], [span(1, 4, "IP")], "ef"),
        ("abcdef", [], [span(1, 2)], [span(1, 4, "IP")], "a[IP]ef"),
        ("abcdef", None, None, None, "abcdef"),
        ("", [], [], [], ""),
        (None, [span(0, 1)], [], [], None),
    ],
)
def test_final_text(text, removed, too, masked, expected):
    columns = [pa.array([removed], SPANS), pa.array([too], SPANS), pa.array([masked], MASKED)]
    assert final_texts(pa.array([text], pa.string()), *columns).to_pylist() == [expected]
    chunked = [pa.chunked_array([column, column]) for column in columns]
    texts = pa.chunked_array([pa.array([text], pa.string())] * 2)
    assert final_texts(texts, *chunked).to_pylist() == [expected] * 2


def test_texts_without_spans_are_given_back():
    texts = pa.array(["a", None])
    assert final_texts(texts, pa.array([[], None], SPANS)) is texts
    assert final_texts(texts) is texts
