"""The first rule that holds is the reason; thresholds that cannot be are refused."""

from dataclasses import fields

import numpy as np
import pytest

from kormo_ds.errors import BadConfig
from kormo_ds.steps import C4, FineWeb, GopherQuality, GopherRepetition
from kormo_ds.steps.thresholds import ratio, reason


def test_the_first_rule_that_holds():
    rules = {
        "early": np.array([False, True, True, False]),
        "late": np.array([False, False, True, True]),
    }
    assert reason(rules).to_pylist() == ["kept", "early", "early", "late"]
    assert reason({"any": np.zeros(0, bool)}).to_pylist() == []


def test_a_share_of_nothing_is_nothing():
    assert ratio(np.array([1, 0, 5]), np.array([4, 0, 2])).tolist() == [0.25, 0, 2.5]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: GopherQuality(min_words=9, max_words=8), "min_words=9 and gopher_quality.max_wor"),
        (lambda: GopherQuality(min_mean_word_length_ko=11), "give min_mean_word_length_ko <= max"),
        (lambda: GopherRepetition(max_dup_5gram_frac=-0.1), "max_dup_5gram_frac=-0.1 is no thresh"),
        (
            lambda: FineWeb(min_line_punct=float("nan")),
            "fineweb.min_line_punct=nan is no threshold",
        ),
        (lambda: C4(min_sentences=-1), "c4.min_sentences=-1 is no threshold; give 0 or more"),
    ],
)
def test_thresholds_that_cannot_be(made, message):
    with pytest.raises(BadConfig, match=message):
        made()


@pytest.mark.parametrize("step", [GopherQuality, GopherRepetition, FineWeb, C4])
def test_each_setting_is_in_the_fingerprint(step):
    for field in fields(step):
        other = not field.default if isinstance(field.default, bool) else field.default + 1
        assert step(**{field.name: other}).fingerprint != step().fingerprint
