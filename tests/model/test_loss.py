import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from kormo_ds.model.loss import Head

torch.set_num_threads(1)
T, D, V = 50, 16, 256


def _case():
    torch.manual_seed(0)
    hidden = torch.randn(T, D, requires_grad=True)
    weight = torch.randn(V, D)
    labels = torch.randint(0, V, (T,))
    labels[::7] = -100
    return hidden, weight, labels


def _head(weight, chunk):
    head = Head(D, V, chunk)
    head.weight.data = weight.clone()
    return head


@pytest.mark.parametrize("chunk", [1, 7, 49, 50, 64])
def test_any_chunk_gives_the_cross_entropy_and_its_gradients(chunk):
    hidden, weight, labels = _case()
    whole = weight.clone().requires_grad_()
    wanted = F.cross_entropy(hidden @ whole.T, labels, reduction="none")
    wanted_grads = torch.autograd.grad(wanted.sum(), [hidden, whole])

    head = _head(weight, chunk)
    got = head(hidden, labels)
    got_grads = torch.autograd.grad(got.sum(), [hidden, head.weight])

    torch.testing.assert_close(got, wanted)
    for ours, theirs in zip(got_grads, wanted_grads, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_bfloat16_hidden_states_give_float32_losses():
    hidden, weight, labels = _case()
    head = _head(weight, 7).bfloat16()
    losses = head(hidden.bfloat16(), labels)
    assert losses.dtype == torch.float32
    assert head(hidden.bfloat16()).dtype == torch.float32


class Largest(TorchDispatchMode):
    """Notes the largest tensor that any operation makes."""

    n_elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, tuple | list) else (made,):
            if isinstance(tensor, torch.Tensor):
                self.n_elements = max(self.n_elements, tensor.numel())
        return made


@pytest.mark.parametrize(("chunk", "largest"), [(64, T * V), (20, 20 * V)])
def test_no_more_logits_than_a_chunk_exist(chunk, largest):
    hidden, weight, labels = _case()
    head = _head(weight, chunk)
    with Largest() as seen:
        head(hidden, labels).sum().backward()
    assert seen.n_elements == largest


@pytest.mark.parametrize("chunk", [1, 7, 49, 50, 64])
def test_any_chunk_gives_the_squared_log_of_z_and_its_gradients(chunk):
    hidden, weight, labels = _case()
    whole = weight.clone().requires_grad_()
    logits = hidden @ whole.T
    there = labels != -100
    wanted = torch.where(there, logits.exp().sum(-1).log() ** 2, 0.0)
    cross = F.cross_entropy(logits, labels, reduction="none")
    both = cross.sum() + 0.3 * wanted.sum()
    wanted_grads = torch.autograd.grad(both, [hidden, whole])

    head = _head(weight, chunk)
    losses, squares = head(hidden, labels, squares=True)
    got_grads = torch.autograd.grad(losses.sum() + 0.3 * squares.sum(), [hidden, head.weight])

    torch.testing.assert_close(losses, cross)
    torch.testing.assert_close(squares, wanted)
    for ours, theirs in zip(got_grads, wanted_grads, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
