"""Measures on tables small enough to check by hand."""

import numpy as np
import pytest

from kormo_ds.classifier import percentiles
from kormo_ds.classifier.measure import measure


def measured(pairs, threshold=0.5):
    scores, positive = zip(*pairs, strict=True)
    return measure(np.array(scores, float), np.array(positive, bool), threshold)


def test_by_hand():
    found = measured([(0.9, 1), (0.8, 0), (0.7, 1), (0.4, 1), (0.3, 0), (0.1, 0)])
    assert found.pop("reliability") == [
        {"from": 0.1, "to": 0.2, "n": 1, "mean_score": 0.1, "share_positive": 0.0},
        {"from": 0.3, "to": 0.4, "n": 1, "mean_score": 0.3, "share_positive": 0.0},
        {"from": 0.4, "to": 0.5, "n": 1, "mean_score": 0.4, "share_positive": 1.0},
        {"from": 0.7, "to": 0.8, "n": 1, "mean_score": 0.7, "share_positive": 1.0},
        {"from": 0.8, "to": 0.9, "n": 1, "mean_score": 0.8, "share_positive": 0.0},
        {"from": 0.9, "to": 1.0, "n": 1, "mean_score": 0.9, "share_positive": 1.0},
    ]
    assert found == pytest.approx(
        {
            "n": 6,
            "n_positive": 3,
            "threshold": 0.5,
            "n_above_threshold": 3,
            "precision": 2 / 3,
            "recall": 2 / 3,
            "f1": 2 / 3,
            "average_precision": (1 + 2 / 3 + 3 / 4) / 3,
            "roc_auc": 7 / 9,
            "ece": (0.1 + 0.3 + 0.6 + 0.3 + 0.8 + 0.1) / 6,
        }
    )


@pytest.mark.parametrize(
    ("pairs", "auc", "ap"),
    [
        ([(0.9, 1), (0.1, 0)], 1.0, 1.0),
        ([(0.1, 1), (0.9, 0)], 0.0, 0.5),
        ([(0.5, 1), (0.5, 0)], 0.5, 0.5),
        ([(0.5, 1), (0.5, 0), (0.5, 0), (0.5, 0)], 0.5, 0.25),
        ([(0.9, 1), (0.5, 1), (0.5, 0), (0.1, 0)], 0.875, 0.5 + 0.5 * 2 / 3),
    ],
)
def test_ties_and_extremes(pairs, auc, ap):
    found = measured(pairs)
    assert (found["roc_auc"], found["average_precision"]) == pytest.approx((auc, ap))


def test_nothing_above_the_threshold():
    found = measured([(0.4, 1), (0.1, 0)], threshold=0.9)
    assert (found["precision"], found["recall"], found["f1"]) == (None, 0, 0)


def test_a_perfectly_calibrated_bin():
    found = measured([(0.25, 1), (0.25, 0), (0.25, 0), (0.25, 0), (1.0, 1)])
    assert found["ece"] == 0
    assert [row["n"] for row in found["reliability"]] == [4, 1]


def test_the_area_is_how_often_a_positive_scores_higher():
    draw = np.random.default_rng(3)
    scores, positive = draw.integers(0, 20, 300) / 20, draw.random(300) < 0.3
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[positive] for b in scores[~positive]]
    assert measure(scores, positive, 0.5)["roc_auc"] == pytest.approx(np.mean(pairs))


def test_a_bin_is_the_percent_that_scores_lower():
    scores = np.arange(1000) / 1000
    edges = percentiles.edges(scores[::-1])
    assert percentiles.bins(scores, edges).tolist() == [i // 10 for i in range(1000)]
    assert percentiles.bins(np.array([-1.0, 2.0]), edges).tolist() == [0, 99]


@pytest.mark.parametrize(
    ("scores", "bins"),
    [
        ([0.5], [0]),
        ([0.5, 0.5, 0.5], [0, 0, 0]),
        ([0.1, 0.2, 0.3, 0.4], [0, 25, 50, 75]),
        ([0.0, 0.0, 0.0, 1.0], [0, 0, 0, 75]),
    ],
)
def test_few_scores_and_ties(scores, bins):
    scores = np.array(scores)
    assert percentiles.bins(scores, percentiles.edges(scores)).tolist() == bins
