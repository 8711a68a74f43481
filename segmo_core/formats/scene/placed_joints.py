"""Joint positions under the export options, for the formats that hold nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.progress import Progress
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton


def place_joints(motion: Motion, options: ExportOptions, usual_rate: float | None, progress: Progress) -> Motion:
    """``motion`` with the 22 joints of the model, at the asked rate, else the usual one, else (None) its own.

    Positions stay the very same where nothing is asked that moves them.
    """
    if motion.skeleton.joint_names != SMPL_JOINT_NAMES:
        motion = to_model_skeleton(motion).motion
    progress.raise_if_cancelled()
    rate = options.frame_rate or usual_rate or motion.frame_rate
    if options.in_place or options.from_origin or options.up_axis == "z":
        of_body = replace(options, fingers=False)
        scene = build_export_scene(resample_motion(motion, rate), of_body, with_mesh=False)
        return Motion(scene.global_pose()[1].astype(np.float32), rate, motion.skeleton)
    return resample_motion(motion, rate)
