"""Phrases are found wherever they stand, whatever their case, and never beyond the range."""

import numpy as np
import pytest

from kormo_ds.text import phrases

TABLES = phrases.tables({"lorem ipsum": 1, "use cookies": 2, "uses cookies": 4, "{": 8})


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("", 0),
        ("lorem ipsum", 1),
        ("가Lorem IPSUM가", 1),
        ("lorem  ipsum", 0),
        ("we use cookies", 2),
        ("it USES cookies { use cookies", 14),
        ("{", 8),
        ("pk{{", 8),
        ("orem ipsum use cookie", 0),
    ],
)
def test_within(text, bits):
    around = b"lorem " + text.encode() + b"ies lorem ipsum {"
    data = np.frombuffer(around, np.uint8)
    assert phrases.within(data, 6, 6 + len(text.encode()), *TABLES) == bits
