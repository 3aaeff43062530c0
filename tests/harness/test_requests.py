"""Requests in streams: shared beginnings, batches by length, the cut from the left."""

import pytest

from kormo_ds.eval.harness.requests import Answer, Asked, asked, plan


def of(*inputs, n_labels=1):
    return [Asked(list(tokens), [90 + i] * n_labels) for i, tokens in enumerate(inputs)]


@pytest.mark.parametrize(
    ("max_length", "tokens", "labels"),
    [
        (9, [1, 2, 3, 4], [4, 5]),
        (4, [1, 2, 3, 4], [4, 5]),
        (2, [3, 4], [4, 5]),
        (1, [4], [5]),
    ],
)
def test_what_is_too_long_loses_its_beginning(max_length, tokens, labels):
    assert asked([1, 2, 3], [4, 5], max_length) == Asked(tokens, labels)


def test_equal_inputs_and_beginnings_of_others_are_run_once():
    [batch] = plan(of([1, 2], [1, 2, 3], [1, 2], [1, 3]), 100)
    assert batch.inputs == [[1, 2, 3], [1, 3]]
    places = {answer.number: answer.first for answer in batch.answers}
    assert places == {0: 1, 1: 2, 2: 1, 3: 4}


def test_an_answer_of_several_tokens_begins_at_its_first():
    [batch] = plan(of([7, 8, 9, 10], n_labels=3), 100)
    assert batch.answers == [Answer(0, 1, [90, 90, 90])]


def test_batches_hold_so_many_tokens_and_the_longest_come_first():
    inputs = [[1] * 2, [2] * 5, [3] * 3, [4] * 30]
    batches = plan(of(*inputs), 8)
    assert [batch.inputs for batch in batches] == [[inputs[3]], [inputs[1], inputs[2]], [inputs[0]]]
    assert sorted(answer.number for batch in batches for answer in batch.answers) == [0, 1, 2, 3]


def test_nothing_asked_is_no_batch():
    assert plan([], 8) == []
