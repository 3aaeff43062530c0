"""Choices that a hash makes: the same for a seed for ever, whatever other seeds there are.

Each costs one BLAKE2b hash, about a microsecond.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b


def unit(seed: int, what: str, doc_id: str, sample: int) -> float:
    """A number in [0, 1): 53 bits of a hash.

    Args:
        seed: of the plan.
        what: what is chosen, so that choices do not depend on one another.
        doc_id: the seed document.
        sample: 0, 1, … of the outputs of one document.
    """
    text = f"{seed}|{what}|{doc_id}|{sample}"
    digest = blake2b(text.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def by_share(shares: Mapping[str, float], at: float) -> str:
    """The name in whose part of the shares, laid end to end, `at` of their sum falls.

    >>> by_share({"a": 3, "b": 0, "c": 1}, 0.74), by_share({"a": 3, "b": 0, "c": 1}, 0.75)
    ('a', 'c')
    """
    left = at * sum(shares.values())
    for name, share in shares.items():
        if left < share:
            return name
        left -= share
    return [name for name, share in shares.items() if share > 0][-1]  # what rounding left over


def one_of(values: Sequence[str], at: float) -> str:
    """The value in whose equal part `at` falls."""
    return values[int(at * len(values))]
