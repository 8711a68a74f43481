"""Packed linear layers give the numbers of ordinary ones and keep their names."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from segmo_core.errors import InvalidRequestError
from segmo_core.models.sampling_settings import SamplingOverrides, SamplingSettings
from segmo_core.models.trunk.packed_linear import PackedLinear, linear_gelu, linear_part, linear_sum, pack_linears


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


@pytest.mark.parametrize("is_packed", [False, True])
def test_what_follows_a_product_is_the_same_in_its_kernel(is_packed: bool) -> None:
    net = network()
    if is_packed and pack_linears(net) == 0:
        pytest.skip("this build of torch has no packed kernels")
    linear, values, addend = net[0], torch.randn(9, 24), torch.randn(9, 40)
    with torch.inference_mode():
        product = values.double() @ linear.weight.double().T + linear.bias.double()
        exact_gelu = product * 0.5 * (1 + torch.erf(product / 2**0.5))
        for found, expected in (
            (linear_gelu(linear, values), exact_gelu),
            (linear_sum(linear, values, addend), product + addend),
            (linear_part(linear, values, 8, 24), product[:, 8:24]),
        ):
            torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=2e-6)


def test_bfloat16_values_stay_bfloat16() -> None:
    packed = network()
    if pack_linears(packed, torch.bfloat16) == 0:
        pytest.skip("this build of torch has no packed kernels")
    values, addend = torch.randn(6, 24), torch.randn(6, 40)
    with torch.inference_mode():
        expected = packed[0](values)
        halves = values.bfloat16()
        assert packed[0](halves).dtype == torch.bfloat16
        torch.testing.assert_close(packed[0](halves).float(), expected, rtol=1e-2, atol=1e-2)
        found = linear_sum(packed[0], halves, addend.bfloat16())
        assert found.dtype == torch.bfloat16
        torch.testing.assert_close(found.float(), expected + addend, rtol=2e-2, atol=2e-2)


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
