"""Samples of one group alone, and of several groups mixed in equal amounts.

One synthesizer is compared with five on the same slots (the same questions) where the five share
enough of them: excerpt i of the mixture is that of member i mod 5, and each member alone answers
all of them. Where they do not, each has its own: the mixture takes every slot once, from the member
that still lacks most.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from kormo_ds.diversity.candidates import Group
from kormo_ds.diversity.sample import Sample


@dataclass(frozen=True)
class Mixture:
    """Some groups mixed, and each of them alone."""

    members: tuple[str, ...]
    mixed: Sample
    alone: tuple[Sample, ...]
    same_seeds: bool
    """Whether all of these samples answer the same slots."""


def alone(group: Group, n: int) -> Sample | None:
    """The first n excerpts of a group; None where it has fewer."""
    if len(group.excerpts) < n:
        return None
    return Sample.of(pa.array(list(islice(group.excerpts.values(), n)), pa.string()))


def draw(groups: Sequence[Group], size: int, number: int, seed: int) -> list[Group]:
    """The members of mixture `number`: `size` groups chosen by hash, ordered by name."""
    order = sorted(groups, key=lambda group: _hash(f"{group.name}|{number}|{seed}"))
    return sorted(order[:size], key=lambda group: group.name)


def mix(members: Sequence[Group], n: int) -> Mixture | None:
    """N excerpts of groups that each have n, in amounts that differ by one at most.

    None where the members' slots overlap so that no equal share is found.
    """
    names = tuple(group.name for group in members)
    shared = sorted(set.intersection(*(set(group.excerpts) for group in members)))[:n]
    if len(shared) == n:
        each = [[group.excerpts[slot] for slot in shared] for group in members]
        mixed = [each[place % len(each)][place] for place in range(n)]
        samples = tuple(Sample.of(pa.array(texts, pa.string())) for texts in each)
        return Mixture(names, Sample.of(pa.array(mixed, pa.string())), samples, same_seeds=True)
    texts = _apart(members, n)
    singles = [alone(group, n) for group in members]
    if texts is None or None in singles:
        return None
    sample = Sample.of(pa.array(texts, pa.string()))
    return Mixture(names, sample, tuple(s for s in singles if s), same_seeds=False)


def _apart(members: Sequence[Group], n: int) -> list[str] | None:
    """Excerpts of n slots, each from the member that lacks most of its share."""
    lacks = [n // len(members) + (place < n % len(members)) for place in range(len(members))]
    texts = []
    for slot in sorted(set().union(*(group.excerpts for group in members))):
        having = [i for i, group in enumerate(members) if slot in group.excerpts and lacks[i]]
        if having:
            chosen = max(having, key=lambda i: (lacks[i], -i))
            texts.append(members[chosen].excerpts[slot])
            lacks[chosen] -= 1
    return None if any(lacks) else texts


def _hash(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
