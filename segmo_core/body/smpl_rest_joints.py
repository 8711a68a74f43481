"""Where the joints of SMPL's mean bodies rest: betas all zero, metres, Y up, facing +Z, the first 22 joints.

These numbers are what the joint regressors of the neutral models give; many public motion files and viewers carry them
(SMPL's are the OFFSETs of the BVH template of MoMask). With them, AMASS files are placed without the licensed models.
"""

from __future__ import annotations

import numpy as np

from segmo_core.motion.skeleton import SMPL_JOINT_NAMES, SMPL_PARENTS, Skeleton

SMPL_REST_PELVIS = np.array([-0.001795, -0.223333, 0.028219])
"""AMASS's ``trans`` is the root's position minus this. SMPL-H shares SMPL's body."""

_SMPL_OFFSETS = np.array(
    [
        [0, 0, 0], [0.069520, -0.091406, -0.006815], [-0.067670, -0.090522, -0.004320],
        [-0.002533, 0.108963, -0.026696], [0.034277, -0.375199, -0.004496], [-0.038290, -0.382569, -0.008850],
        [0.005487, 0.135180, 0.001092], [-0.013596, -0.397961, -0.043693], [0.015774, -0.398415, -0.042312],
        [0.001457, 0.052922, 0.025425], [0.026358, -0.055791, 0.119288], [-0.025372, -0.048144, 0.123348],
        [-0.002778, 0.213870, -0.042857], [0.078845, 0.121749, -0.034090], [-0.081759, 0.118833, -0.038615],
        [0.005152, 0.064970, 0.051349], [0.090977, 0.030469, -0.008868], [-0.096012, 0.032551, -0.009143],
        [0.259612, -0.012772, -0.027456], [-0.253742, -0.013329, -0.021401], [0.249234, 0.008986, -0.001171],
        [-0.255298, 0.007772, -0.005559],
    ]
)  # fmt: skip

_SMPLX_JOINTS = np.array(
    [
        [0.0031, -0.3514, 0.0120], [0.0613, -0.4442, -0.0140], [-0.0601, -0.4553, -0.0092],
        [0.0004, -0.2415, -0.0156], [0.1160, -0.8229, -0.0234], [-0.1044, -0.8177, -0.0260],
        [0.0098, -0.1097, -0.0215], [0.0726, -1.2260, -0.0552], [-0.0889, -1.2284, -0.0462],
        [-0.0015, -0.0574, 0.0069], [0.1198, -1.2840, 0.0630], [-0.1277, -1.2868, 0.0728],
        [-0.0137, 0.1077, -0.0247], [0.0448, 0.0275, -0.0003], [-0.0492, 0.0269, -0.0065],
        [0.0111, 0.2682, -0.0040], [0.1641, 0.0852, -0.0158], [-0.1518, 0.0804, -0.0191],
        [0.4182, 0.0131, -0.0582], [-0.4229, 0.0439, -0.0456], [0.6702, 0.0363, -0.0607],
        [-0.6722, 0.0394, -0.0609],
    ]
)  # fmt: skip
SMPLX_REST_PELVIS = _SMPLX_JOINTS[0]
"""The same for SMPL-X files."""


def skeleton_of_rest_joints(joints: np.ndarray) -> Skeleton:
    """The 22-joint skeleton of rest joints (22 or more, 3) in SMPL order, metres."""
    body = np.asarray(joints, dtype=np.float64)[: len(SMPL_JOINT_NAMES)]
    offsets = body - body[np.maximum(SMPL_PARENTS, 0)]
    return Skeleton(SMPL_JOINT_NAMES, SMPL_PARENTS, offsets)


SMPL_SKELETON = Skeleton(SMPL_JOINT_NAMES, SMPL_PARENTS, _SMPL_OFFSETS)
SMPLX_SKELETON = skeleton_of_rest_joints(_SMPLX_JOINTS)
