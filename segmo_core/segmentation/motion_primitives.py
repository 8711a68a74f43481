"""A library of motion primitives: the K-means centres of short windows of motion (paper, supplementary section B)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.errors import DataError, FileFormatError, MissingDependencyError
from segmo_core.progress import Progress, SilentProgress
from segmo_core.segmentation.motion_segmenter import FloatArray
from segmo_core.serialization import write_atomically

FORMAT_VERSION = 1


@dataclass(frozen=True, eq=False)
class PrimitiveLibrary:
    """centres: (K, window D) float32, each a typical window of ``window`` rows of D features."""

    centres: FloatArray
    window: int

    @property
    def num_columns(self) -> int:
        """D, the number of features of a row."""
        return int(self.centres.shape[1]) // self.window

    def save(self, path: Path) -> None:
        """Write an .npz, atomically."""
        arrays = {"version": np.array(FORMAT_VERSION), "window": np.array(self.window), "centres": self.centres}
        write_atomically(path, lambda temporary: np.savez(temporary, allow_pickle=False, **arrays))

    @classmethod
    def load(cls, path: Path) -> PrimitiveLibrary:
        """Read what ``save`` wrote; FileFormatError says what is wrong with another file."""
        try:
            with np.load(path, allow_pickle=False) as archive:
                version, window, centres = (archive[name] for name in ("version", "window", "centres"))
        except FileNotFoundError:
            raise FileFormatError(f"{path}: no such file, expected a library of motion primitives") from None
        except (OSError, ValueError, KeyError, TypeError, EOFError, AttributeError, zipfile.BadZipFile):
            raise FileFormatError(f"{path}: not a library of motion primitives, expected an .npz of one") from None
        is_known = version.shape == window.shape == () and version == FORMAT_VERSION
        if not is_known or centres.ndim != 2 or window < 1 or centres.shape[1] % window or centres.size == 0:
            raise FileFormatError(f"{path}: not a library of motion primitives of version {FORMAT_VERSION}")
        if centres.dtype != np.float32 or not np.isfinite(centres).all():
            raise FileFormatError(f"{path}: centres are not finite float32 numbers")
        return cls(centres, int(window))


def windows_of(rows: FloatArray, window: int) -> FloatArray:
    """(T, D) -> (T - window + 1, window D): all windows of ``window`` rows."""
    return np.concatenate([rows[shift : len(rows) - window + 1 + shift] for shift in range(window)], axis=1)


def build_library(
    motions: Iterable[FloatArray],
    *,
    num_primitives: int = 64,
    window: int = 2,
    max_windows: int = 60000,
    seed: int = 0,
    progress: Progress | None = None,
) -> PrimitiveLibrary:
    """Cluster the sliding windows of motions (T, D), one row per token, into primitives.

    Motions are read until there are ``max_windows`` windows, so give them in random order. The same motions and
    seed give the same library. Raises DataError when there are fewer windows than primitives,
    MissingDependencyError without scikit-learn.
    """
    progress = progress or SilentProgress()
    progress.report(0.0, "windows of motions")
    parts: list[FloatArray] = []
    count = 0
    for rows in motions:
        progress.raise_if_cancelled()
        if len(rows) >= window:
            parts.append(windows_of(rows, window).astype(np.float32)[: max_windows - count])
            count += len(parts[-1])
        if count == max_windows:
            break
    if count < num_primitives:
        raise DataError(
            f"motion primitives: {count} windows of {window} tokens, expected at least {num_primitives} to cluster"
        )
    windows = np.concatenate(parts)
    progress.report(0.2, f"{num_primitives} motion primitives of {count} windows")
    clustering = _k_means()(num_primitives, n_init=1, max_iter=100, random_state=seed).fit(windows)
    progress.report(1.0, "motion primitives ready")
    return PrimitiveLibrary(np.asarray(clustering.cluster_centers_, dtype=np.float32), window)


def _k_means() -> Any:
    try:
        from sklearn.cluster import KMeans
    except ImportError:
        raise MissingDependencyError(
            "motion primitives need scikit-learn (install it with: pip install scikit-learn)"
        ) from None
    return KMeans
