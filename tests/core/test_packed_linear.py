"""Packed linear layers give the numbers of ordinary ones and keep their names."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from segmo_core.errors import InvalidRequestError
from segmo_core.models.packed_linear import PackedLinear, pack_linears
from segmo_core.models.settings import SamplingOverrides, SamplingSettings


def network() -> nn.Sequential:
    torch.manual_seed(2)
    return nn.Sequential(nn.Linear(24, 40), nn.GELU(), nn.Linear(40, 8, bias=False)).eval()


def test_packed_network_gives_the_same_numbers_and_state() -> None:
    plain, packed = network(), network()
    if pack_linears(packed) == 0:
        pytest.skip("this build of torch has no packed kernels")
    values = torch.randn(3, 7, 24)
    with torch.inference_mode():
        torch.testing.assert_close(packed(values), plain(values), rtol=1e-5, atol=1e-6)
    assert list(packed.state_dict()) == list(plain.state_dict())
    packed.load_state_dict(plain.state_dict())


def test_a_copy_of_a_packed_network_is_its_own() -> None:
    packed = network()
    pack_linears(packed)
    values = torch.randn(4, 24)
    copied = copy.deepcopy(packed)
    with torch.inference_mode():
        torch.testing.assert_close(copied(values), packed(values), rtol=0, atol=0)
    assert copied[0].weight.data_ptr() != packed[0].weight.data_ptr()


def test_gradients_flow_through_packed_layers() -> None:
    packed = network()
    pack_linears(packed)
    packed(torch.randn(5, 24)).sum().backward()
    assert packed[0].weight.grad is not None


def test_bfloat16_packing_keeps_about_three_digits_and_gives_float32() -> None:
    plain, packed = network(), network()
    if pack_linears(packed, torch.bfloat16) == 0:
        pytest.skip("this build of torch has no packed kernels")
    assert isinstance(packed[0], PackedLinear)
    values = torch.randn(64, 24)
    with torch.inference_mode():
        expected, found = plain(values), packed(values)
    assert found.dtype == torch.float32
    assert 1e-5 < float((found - expected).abs().max()) < 0.05 * float(expected.abs().max())


def test_changed_sampling_values_keep_the_bundles_others() -> None:
    own = SamplingSettings(steps=10, guidance_scale=3.0, residual_guidance_scale=2.0)
    assert SamplingOverrides(steps=18).applied_to(own) == SamplingSettings(18, 3.0, 2.0)
    with pytest.raises(InvalidRequestError, match="steps: 0"):
        SamplingOverrides(steps=0).applied_to(own)
