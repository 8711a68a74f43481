"""What is known of a motion besides its numbers: which clip of a file it is, and what its reader had to put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RateOrigin = Literal["file", "assumed", "chosen"]


@dataclass(frozen=True)
class Provenance:
    """clips: what can be chosen of the file, in its order (animations, takes, people); empty where it holds one motion.
    clip: the one that this is, "" where it holds one. repairs: what the reader put right, a sentence each.
    rate_origin: where the frame rate is from. rate_doubt: why it may be another, a sentence; "" where nothing is odd.
    """

    clip: str = ""
    clips: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    rate_origin: RateOrigin = "file"
    rate_doubt: str = ""


PLAIN = Provenance()
