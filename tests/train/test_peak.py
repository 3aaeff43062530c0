"""The peak of a device: of the product that torch names, or none."""

import pytest
import torch

from kormo_ds.train import peak


@pytest.mark.parametrize(
    ("name", "bf16", "fp32"),
    [
        ("NVIDIA H200", 989.5e12, 67e12),
        ("NVIDIA H100 80GB HBM3", 989.4e12, 67e12),
        ("NVIDIA H100 PCIe", 756e12, 51e12),
        ("NVIDIA H100 NVL", 835.5e12, 60e12),
        ("NVIDIA A100-SXM4-80GB", 312e12, 19.5e12),
        ("NVIDIA B200", 2250e12, None),
    ],
)
def test_known_devices(name, bf16, fp32):
    assert (peak.known(name, "bf16"), peak.known(name, "fp32")) == (bf16, fp32)


@pytest.mark.parametrize(
    "name",
    [
        "NVIDIA H300",
        "NVIDIA A100-SXM4-80GB MIG 1g.10gb",
        "NVIDIA H100",
        "NVIDIA GeForce RTX 4090",
        "",
    ],
)
def test_an_unknown_device_has_no_peak(name):
    assert peak.known(name, "bf16") is None


def test_a_cpu_is_measured_once_and_draws_no_random_number():
    before = torch.get_rng_state()
    first = peak.of(torch.device("cpu"), "fp32")
    assert first > 1e8 and peak.of(torch.device("cpu"), "fp32") == first
    assert torch.equal(torch.get_rng_state(), before)
