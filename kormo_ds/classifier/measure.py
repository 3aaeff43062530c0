"""How good a model's scores are on documents that it was not trained on.

Precision, recall and F1 are at a threshold; average precision and the area under the ROC curve are
over all thresholds. Calibration is the table of what share of documents is positive where the model
says 0.7, and the expected calibration error over ten bins of equal width (Guo et al. 2017, section
2). The classes of a balanced training are balanced here too, so precision and calibration are those
of a world in which half of the documents are positive.
"""

from typing import Any

import numpy as np

BINS = 10
NUMBERS = ("precision", "recall", "f1", "average_precision", "roc_auc", "ece")


def measure(scores: np.ndarray, positive: np.ndarray, threshold: float) -> dict[str, Any]:
    """All measures as one JSON object; one that has no value (0 / 0) is None.

    Args:
        scores: float64 [n], probabilities of the positive class.
        positive: bool [n], with at least one of each class.
        threshold: scores from here on are taken for positive.
    """
    said = scores >= threshold
    hits = int((said & positive).sum())
    n_said, n_positive, n = int(said.sum()), int(positive.sum()), len(scores)
    table = _reliability(scores, positive)
    gaps = sum(row["n"] * abs(row["mean_score"] - row["share_positive"]) for row in table)
    return {
        "n": n,
        "n_positive": n_positive,
        "threshold": threshold,
        "n_above_threshold": n_said,
        "precision": hits / n_said if n_said else None,
        "recall": hits / n_positive,
        "f1": 2 * hits / (n_said + n_positive),
        "average_precision": _average_precision(scores, positive),
        "roc_auc": _roc_auc(scores, positive),
        "ece": gaps / n,
        "reliability": table,
    }


def _average_precision(scores: np.ndarray, positive: np.ndarray) -> float:
    """Precision at each distinct score, weighted by the recall that it adds."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    gained = np.diff(hits[last], prepend=0)
    return float((gained * hits[last] / (last + 1)).sum() / hits[-1])


def _roc_auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """How often a positive document scores higher than a negative one, half for the same score."""
    values, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    n = int(positive.sum())
    above = ranks[positive].sum() - n * (n + 1) / 2
    return float(above / (n * (len(scores) - n)))


def _reliability(scores: np.ndarray, positive: np.ndarray) -> list[dict[str, Any]]:
    """One row for each bin that holds documents."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        {
            "from": k / BINS,
            "to": (k + 1) / BINS,
            "n": int((bins == k).sum()),
            "mean_score": float(scores[bins == k].mean()),
            "share_positive": float(positive[bins == k].mean()),
        }
        for k in range(BINS)
        if (bins == k).any()
    ]
