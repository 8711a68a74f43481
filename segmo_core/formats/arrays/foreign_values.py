"""Values under the names that other programs give them, where they are what the names promise; else nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import in_short

_LONGEST_TEXT = 10_000


def numbers_in(value: Any) -> NDArray[np.float64] | None:
    """Numbers of any shape; None for texts, dictionaries, rows of several lengths, or anything else."""
    array = array_of(value)
    with np.errstate(all="ignore"):
        return array.astype(np.float64) if array.dtype.kind in "fiu" else None


def array_of(value: Any) -> NDArray[Any]:
    """``value`` as an array; one of no numbers for what makes none."""
    nothing: NDArray[Any] = np.empty(0, dtype=object)
    if value is None or isinstance(value, (dict, str, bytes)):
        return nothing
    try:
        found: NDArray[Any] = np.asarray(value)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return nothing
    return found


def positive_number(value: Any) -> float | None:
    """The one number that ``value`` is or holds, where it is finite and above zero."""
    numbers = numbers_in(value)
    if numbers is None or numbers.size != 1:
        return None
    number = float(numbers.ravel()[0])
    return number if 0.0 < number < np.inf else None


def texts_in(value: Any) -> tuple[str | None, ...]:
    """The texts that ``value`` is or holds, in short, None for what is none; nothing where it is something else."""
    if isinstance(value, str):
        return (in_short(value, _LONGEST_TEXT),)
    if not isinstance(value, (list, tuple, np.ndarray)):
        return ()
    rows = value.ravel().tolist() if isinstance(value, np.ndarray) else value
    return tuple(in_short(text, _LONGEST_TEXT) if isinstance(text, str) else None for text in rows)
