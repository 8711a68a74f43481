"""The curves of a glTF animation, evaluated at any time (glTF 2.0 specification, appendix C)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import shown
from segmo_core.formats.gltf.document import GltfDocument
from segmo_core.formats.scene.export_options import MAX_FRAME_RATE
from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

_KINDS = {"translation": "VEC3", "rotation": "VEC4", "scale": "VEC3"}
_ON_KEY = 1e-3  # of the spacing: key times are float32, which after a minute is 4 microseconds off
_INTERPOLATIONS = ("LINEAR", "STEP", "CUBICSPLINE")


@dataclass(frozen=True, eq=False)
class Curve:
    """times: (K,) seconds, increasing. values: (K, width), for CUBICSPLINE (K, 3, width): in-tangent, value, out."""

    times: FloatArray
    values: FloatArray
    interpolation: str
    is_rotation: bool

    def at(self, seconds: FloatArray) -> FloatArray:
        """Values (T, width) at ``seconds`` (T,); before the first and after the last key, those keys' values."""
        times = self.times
        before = np.clip(np.searchsorted(times, seconds, side="right") - 1, 0, max(len(times) - 2, 0))
        after = np.minimum(before + 1, len(times) - 1)
        span = times[after] - times[before]
        weight = np.clip((seconds - times[before]) / np.where(span > 0, span, 1.0), 0.0, 1.0)
        weight = np.where(np.abs(weight - np.round(weight)) < _ON_KEY, np.round(weight), weight)
        if self.interpolation == "CUBICSPLINE":
            values = self._cubic(before, after, span[:, None], weight[:, None])
        elif self.interpolation == "STEP":
            values = self.values[np.where(weight < 1.0, before, after)]
        elif self.is_rotation:
            values = rotations.slerp(self.values[before], self.values[after], weight)
        else:
            values = self.values[before] + (self.values[after] - self.values[before]) * weight[:, None]
        return rotations.normalize(values, _NO_TURN) if self.is_rotation else values

    def _cubic(
        self, before: NDArray[np.intp], after: NDArray[np.intp], span: FloatArray, weight: FloatArray
    ) -> FloatArray:
        start, end = self.values[before], self.values[after]
        squared, cubed = weight**2, weight**3
        return (
            (2 * cubed - 3 * squared + 1) * start[:, 1]
            + span * (cubed - 2 * squared + weight) * start[:, 2]
            + (3 * squared - 2 * cubed) * end[:, 1]
            + span * (cubed - squared) * end[:, 0]
        )


_NO_TURN = np.array([0.0, 0.0, 0.0, 1.0])  # quaternions are (x, y, z, w) here, which slerp does not mind

Curves = dict[tuple[int, str], Curve]
"""(node, "translation" | "rotation" | "scale") -> curve."""


def animations(document: GltfDocument) -> list[tuple[object, Curves]]:
    """Name, as the file has it, and curves of every animation that moves a node. FileFormatError when there is none."""
    listed = document.objects("animations")
    found = [(listed[number].get("name"), _curves(document, number)) for number in range(len(listed))]
    found = [(name, curves) for name, curves in found if curves]
    if not found:
        document.fail("holds no animation of nodes, expected one")
    return found


def told_rate(document: GltfDocument) -> float | None:
    """Hz that the animations' extras tell as ``frame_rate``, as ours do, whose keys stand between frames too."""
    told: set[float] = set()
    for animation in document.objects("animations"):
        extras = animation.get("extras")
        rate = extras.get("frame_rate") if isinstance(extras, dict) else None
        if not isinstance(rate, int | float) or not 1.0 <= rate <= MAX_FRAME_RATE:
            return None
        told.add(float(rate))
    return told.pop() if len(told) == 1 else None


def duration(curves: Curves) -> float:
    """Seconds from the first to the last key."""
    first, last = time_range(curves)
    return last - first


def time_range(curves: Curves) -> tuple[float, float]:
    """Seconds of the first and the last key."""
    return min(curve.times[0] for curve in curves.values()), max(curve.times[-1] for curve in curves.values())


def _curves(document: GltfDocument, number: int) -> Curves:
    where = f"animation {number}"
    animation = document.objects("animations")[number]
    samplers = document.list_of(animation, "samplers", dict, f"{where}, samplers")
    num_nodes, num_accessors = len(document.objects("nodes")), len(document.objects("accessors"))
    curves: Curves = {}
    for channel in document.list_of(animation, "channels", dict, f"{where}, channels"):
        target = document.member(channel, "target", None, f"{where}, target")
        what = target.get("path")
        if "node" not in target or not isinstance(what, str) or what not in _KINDS:
            continue  # shape keys, and what extensions animate
        node = document.index(target, "node", num_nodes, where)
        sampler = samplers[document.index(channel, "sampler", len(samplers), where)]
        interpolation = sampler.get("interpolation", "LINEAR")
        if interpolation not in _INTERPOLATIONS:
            document.fail(f"{where}: interpolation {shown(interpolation)}, expected {', '.join(_INTERPOLATIONS)}")
        times = document.accessor(document.index(sampler, "input", num_accessors, where), ("SCALAR",)).ravel()
        values = document.accessor(document.index(sampler, "output", num_accessors, where), (_KINDS[what],))
        per_key = 3 if interpolation == "CUBICSPLINE" else 1
        document.count_keys(len(times))
        if len(times) == 0 or len(values) != per_key * len(times):
            document.fail(
                f"{where}: {len(values)} values at {len(times)} keys, expected {per_key} at each of at least 1"
            )
        if (np.diff(times) < 0).any():
            document.fail(f"{where}: key times run backwards, expected increasing seconds")
        if per_key == 3:
            values = values.reshape(len(times), 3, -1)
        curves.setdefault((node, what), Curve(times, values, interpolation, what == "rotation"))
    return curves
