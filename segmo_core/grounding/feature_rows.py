"""A motion as the features that a bundle was trained on: its skeleton, its unit, its frame rate."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.motion.features import KIT_LAYOUT, LAYOUTS, FeatureLayout, features_from_joints, on_floor_facing_forward
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_positions
from segmo_core.motion.skeleton import KIT_PARENTS, MODEL_SKELETON
from segmo_core.retargeting.to_kit_skeleton import to_kit_skeleton
from segmo_core.runtimes.motion_models import MotionModels
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

_TOKENS_A_CODE = 4  # a code decodes to a pose of its own where it is repeated


class FeatureRows:
    """Features of motions for one bundle."""

    def __init__(self, models: MotionModels) -> None:
        self._models = models

    @property
    def frame_rate(self) -> float:
        """Hz."""
        return self._models.manifest.frame_rate

    @cached_property
    def layout(self) -> FeatureLayout:
        """Raises InvalidRequestError for a bundle of features that no data set has."""
        width = self._models.manifest.tokenizer.feature_width
        if width not in LAYOUTS:
            expected = " or ".join(map(str, LAYOUTS))
            raise InvalidRequestError(f"{self._models.folder}: motions of {width} features, expected {expected}")
        return LAYOUTS[width]

    def of(self, motion: Motion) -> FloatArray:
        """Un-normalised features (T, D) at ``frame_rate`` of a motion on the model's skeleton, whole tokens.

        Raises InvalidRequestError for a motion on another skeleton.
        """
        if not motion.skeleton.joint_names == MODEL_SKELETON.joint_names:
            raise InvalidRequestError("motion: not on the model's skeleton, expected a retargeted motion")
        joints = resample_positions(motion.joint_positions, motion.frame_rate, self.frame_rate)
        whole = max(len(joints) // FRAMES_PER_TOKEN, 1) * FRAMES_PER_TOKEN
        missing = max(0, whole + 1 - len(joints))
        joints = np.concatenate([joints, np.repeat(joints[-1:], missing, axis=0)])
        if self.layout is KIT_LAYOUT:
            joints = to_kit_skeleton(joints, self._kit_bone_lengths)
        return features_from_joints(on_floor_facing_forward(joints, self.layout), self.layout)[:whole]

    @cached_property
    def _kit_bone_lengths(self) -> FloatArray:
        """(21,) of the body that the bundle decodes, in its unit: medians over the poses of all its base codes.

        All bodies of the data set have the same bones, but no file of a bundle or of a published checkpoint says how
        long they are. Of the starter's HumanML3D bones this finds 93 to 99 %.
        """
        codes = np.repeat(np.arange(self._models.manifest.tokenizer.num_codes), _TOKENS_A_CODE)
        rows = self._models.statistics.restored(self._models.decode(codes[None, :, None])[0])
        root = np.zeros((len(rows), 1, 3))
        root[:, 0, 1] = rows[:, 3]
        local = rows[:, KIT_LAYOUT.positions].reshape(len(rows), -1, 3)
        joints = np.concatenate([root, local], axis=1)
        lengths = np.linalg.norm(joints[:, 1:] - joints[:, list(KIT_PARENTS[1:])], axis=-1)
        return np.concatenate([[0.0], np.median(lengths, axis=0)])
