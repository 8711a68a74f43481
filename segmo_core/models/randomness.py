"""Random numbers on the device that uses them."""

from __future__ import annotations

import torch


def generator_on(device: torch.device, generator: torch.Generator) -> torch.Generator:
    """``generator`` itself where it is on ``device``, else one there that is seeded from it, without waiting."""
    if generator.device == device:
        return generator
    seed = torch.randint(2**62, (), generator=generator, device=generator.device)
    return torch.Generator(device).manual_seed(int(seed))
