"""The model's own movement as other programs would tell it: other names, units, axes, rest poses, extra joints.

All is made with scipy's rotations, so that what reading and retargeting give has a truth to be compared with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial.transform import Rotation

from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, SMPL_PARENTS

NAMINGS: dict[str, str] = {
    "Mixamo": "mixamorig:Hips mixamorig:LeftUpLeg mixamorig:RightUpLeg mixamorig:Spine mixamorig:LeftLeg "
    "mixamorig:RightLeg mixamorig:Spine1 mixamorig:LeftFoot mixamorig:RightFoot mixamorig:Spine2 mixamorig:LeftToeBase "
    "mixamorig:RightToeBase mixamorig:Neck mixamorig:LeftShoulder mixamorig:RightShoulder mixamorig:Head "
    "mixamorig:LeftArm mixamorig:RightArm mixamorig:LeftForeArm mixamorig:RightForeArm mixamorig:LeftHand "
    "mixamorig:RightHand",
    "CMU Acclaim": "root lfemur rfemur lowerback ltibia rtibia upperback lfoot rfoot thorax ltoes rtoes lowerneck "
    "lclavicle rclavicle head lhumerus rhumerus lradius rradius lwrist rwrist",
    "Bandai-Namco": "Hips UpperLeg_L UpperLeg_R Spine LowerLeg_L LowerLeg_R Chest Foot_L Foot_R Chest2 Toes_L Toes_R "
    "Neck Shoulder_L Shoulder_R Head UpperArm_L UpperArm_R LowerArm_L LowerArm_R Hand_L Hand_R",
    "LAFAN1": "Hips LeftUpLeg RightUpLeg Spine LeftLeg RightLeg Spine1 LeftFoot RightFoot Spine2 LeftToe RightToe Neck "
    "LeftShoulder RightShoulder Head LeftArm RightArm LeftForeArm RightForeArm LeftHand RightHand",
    "Rokoko": "Hips LeftThigh RightThigh Spine1 LeftShin RightShin Spine2 LeftFoot RightFoot Spine3 LeftToe RightToe "
    "Neck LeftShoulder RightShoulder Head LeftArm RightArm LeftForeArm RightForeArm LeftHand RightHand",
    "Xsens": "Pelvis LeftUpperLeg RightUpperLeg L5 LeftLowerLeg RightLowerLeg L3 LeftFoot RightFoot T12 LeftToe "
    "RightToe Neck LeftShoulder RightShoulder Head LeftUpperArm RightUpperArm LeftForeArm RightForeArm LeftHand "
    "RightHand",
    "Xsens BVH": "Hips LeftHip RightHip Chest LeftKnee RightKnee Chest2 LeftAnkle RightAnkle Chest3 LeftToe RightToe "
    "Neck LeftCollar RightCollar Head LeftShoulder RightShoulder LeftElbow RightElbow LeftWrist RightWrist",
    "3ds Max Biped": "Bip01_Pelvis Bip01_L_Thigh Bip01_R_Thigh Bip01_Spine Bip01_L_Calf Bip01_R_Calf Bip01_Spine1 "
    "Bip01_L_Foot Bip01_R_Foot Bip01_Spine2 Bip01_L_Toe0 Bip01_R_Toe0 Bip01_Neck Bip01_L_Clavicle Bip01_R_Clavicle "
    "Bip01_Head Bip01_L_UpperArm Bip01_R_UpperArm Bip01_L_Forearm Bip01_R_Forearm Bip01_L_Hand Bip01_R_Hand",
    "Rigify": "DEF-spine DEF-thigh.L DEF-thigh.R DEF-spine.001 DEF-shin.L DEF-shin.R DEF-spine.002 DEF-foot.L "
    "DEF-foot.R DEF-spine.003 DEF-toe.L DEF-toe.R DEF-spine.004 DEF-shoulder.L DEF-shoulder.R DEF-spine.006 "
    "DEF-upper_arm.L DEF-upper_arm.R DEF-forearm.L DEF-forearm.R DEF-hand.L DEF-hand.R",
    "Daz": "hip lThigh rThigh abdomen lShin rShin abdomen2 lFoot rFoot chest lToe rToe neck lCollar rCollar head "
    "lShldr rShldr lForeArm rForeArm lHand rHand",
    "Daz Genesis 8": "pelvis lThighBend rThighBend abdomenLower lShin rShin abdomenUpper lFoot rFoot chestLower lToe "
    "rToe neckLower lCollar rCollar head lShldrBend rShldrBend lForearmBend rForearmBend lHand rHand",
    "German": "Becken Oberschenkel_links Oberschenkel_rechts Lende Unterschenkel_links Unterschenkel_rechts Ruecken "
    "Fuss_links Fuss_rechts Brust Zehen_links Zehen_rechts Hals Schluesselbein_links Schluesselbein_rechts Kopf "
    "Oberarm_links Oberarm_rechts Unterarm_links Unterarm_rechts Hand_links Hand_rechts",
    "Japanese": "センター 左足 右足 下半身 左ひざ 右ひざ 上半身 左足首 右足首 上半身2 "
    "左つま先 右つま先 首 左肩 右肩 頭 左腕 右腕 左ひじ 右ひじ 左手首 右手首",
    "numbers": " ".join(f"joint_{index}" for index in range(22)),
}  # fmt: skip


@dataclass
class Body:
    """Joints of a file, parents before children: rest offsets and, per frame, local turns and the root's place."""

    names: list[str]
    parents: list[int]
    offsets: list[np.ndarray]
    turns: list[Rotation]
    root: np.ndarray
    order: str = "ZXY"
    rate: float = 20.0
    extra: dict[str, str] = field(default_factory=dict)
    channels: list[np.ndarray] = field(default_factory=list)

    def insert(self, name: str, above: str, share: float, turn: Rotation | None = None) -> None:
        """One more joint on the bone that ends at ``above``, at ``share`` of its length; it may turn about the bone."""
        index = self.names.index(above)
        offset, identity = self.offsets[index], Rotation.identity(len(self.root))
        twist = turn or identity
        self.names.insert(index, name)
        self.parents = [parent + (parent >= index) for parent in self.parents]
        self.parents.insert(index, self.parents[index])
        self.parents[index + 1] = index
        self.offsets.insert(index, share * offset)
        self.offsets[index + 1] = (1 - share) * offset
        self.turns.insert(index, twist)
        self.turns[index + 1] = twist.inv() * self.turns[index + 1]

    def append(self, name: str, parent: str, offset: tuple[float, float, float]) -> None:
        """One more leaf that never turns."""
        self.names.append(name)
        self.parents.append(self.names.index(parent))
        self.offsets.append(np.array(offset, dtype=float))
        self.turns.append(Rotation.identity(len(self.root)))

    def remove(self, name: str) -> None:
        """Without a last joint."""
        index = self.names.index(name)
        assert index not in self.parents
        for row in (self.names, self.parents, self.offsets, self.turns):
            del row[index]
        self.parents = [parent - (parent > index) for parent in self.parents]

    def merge_upwards(self, name: str) -> None:
        """Without a joint in the middle: what hung from it hangs from the one above, as if it never turned."""
        index = self.names.index(name)
        parent = self.parents[index]
        for child, above in enumerate(self.parents):
            if above == index:
                self.offsets[child] = self.offsets[index] + self.offsets[child]
                self.turns[child] = self.turns[index] * self.turns[child]
                self.parents[child] = parent
        self.remove(name)

    def mirrored(self) -> Body:
        """As seen in a mirror at x = 0; names stay."""
        flip = np.array([-1.0, 1.0, 1.0])
        turns = [Rotation.from_quat(turn.as_quat() * [1.0, -1.0, -1.0, 1.0]) for turn in self.turns]
        return replace(self, offsets=[flip * offset for offset in self.offsets], turns=turns, root=flip * self.root)

    def with_position_channels(self, noise: float, *, whole: bool = False) -> Body:
        """Position channels at every joint: what is to be added to its OFFSET, or the whole bone."""
        generator = np.random.default_rng(5)
        shape = (len(self.names), len(self.root), 3)
        added = noise * generator.normal(size=shape)
        return replace(self, channels=[offset + each if whole else each
                                       for offset, each in zip(self.offsets, added, strict=True)])  # fmt: skip

    def with_root(self, name: str) -> None:
        """A joint above all others, at the origin."""
        self.names.insert(0, name)
        self.parents = [-1, *(parent + 1 for parent in self.parents)]
        self.offsets.insert(0, np.zeros(3))
        self.turns.insert(0, Rotation.identity(len(self.root)))
        self.extra["moving"] = self.names[1]

    def turned(self, turn: Rotation, unit: float) -> Body:
        """In other axes (``turn`` from Y up) and another unit (metres each)."""
        return replace(
            self,
            offsets=[turn.apply(offset) / unit for offset in self.offsets],
            turns=[turn * each * turn.inv() for each in self.turns],
            root=turn.apply(self.root) / unit,
        )

    def text(self, ends: Mapping[str, tuple[float, float, float]] | None = None) -> str:
        """As BVH, joints in the order of the hierarchy. ends: OFFSET of End Sites, zero if left out."""
        channels = " ".join(f"{axis}rotation" for axis in self.order)
        moving = self.extra.get("moving", self.names[0])
        lines, written = ["HIERARCHY"], list[int]()

        def put(index: int) -> None:
            written.append(index)
            moves = self.names[index] == moving
            offset = np.zeros(3) if moves else self.offsets[index]
            moves = moves or bool(self.channels)
            lines.extend([f"{'JOINT' if index else 'ROOT'} {self.names[index]}", "{",
                          "OFFSET " + " ".join(f"{value:.6f}" for value in offset),
                          f"CHANNELS {'6 Xposition Yposition Zposition' if moves else '3'} {channels}"])  # fmt: skip
            children = [child for child, parent in enumerate(self.parents) if parent == index]
            for child in children:
                put(child)
            if not children:
                end = (ends or {}).get(self.names[index], (0.0, 0.0, 0.0))
                lines.extend(["End Site", "{", "OFFSET " + " ".join(f"{value:.6f}" for value in end), "}"])
            lines.append("}")

        put(0)
        columns = []
        for index in written:
            if self.names[index] == moving:
                columns.append(self.root)
            elif self.channels:
                columns.append(self.channels[index])
            columns.append(self.turns[index].as_euler(self.order, degrees=True))
        rows = np.concatenate(columns, axis=1)
        lines += ["MOTION", f"Frames: {len(rows)}", f"Frame Time: {1 / self.rate:.8f}"]
        lines += [" ".join(f"{value:.7f}" for value in row) for row in rows]
        return "\n".join(lines) + "\n"


A_POSE = {
    **{f"left_{name}": Rotation.from_rotvec([0, 0, -np.pi / 4]) for name in ("shoulder", "elbow", "wrist")},
    **{f"right_{name}": Rotation.from_rotvec([0, 0, np.pi / 4]) for name in ("shoulder", "elbow", "wrist")},
}
ARMS_DOWN = {
    **{f"left_{name}": Rotation.from_rotvec([0, 0, -np.radians(85)]) for name in ("shoulder", "elbow", "wrist")},
    **{f"right_{name}": Rotation.from_rotvec([0, 0, np.radians(85)]) for name in ("shoulder", "elbow", "wrist")},
}


def body_of(motion: Motion, names: list[str], rest_pose: dict[str, Rotation] | None = None) -> Body:
    """The model's motion with joints called ``names`` and another rest pose: model joint -> turn of its bone.

    Positions stay the very same; the file's turns are those since its own rest pose.
    """
    assert motion.local_rotations is not None
    still = Rotation.identity()
    poses = [(rest_pose or {}).get(name, still) for name in SMPL_JOINT_NAMES]
    local = [Rotation.from_quat(np.roll(motion.local_rotations[:, joint], -1, axis=-1)) for joint in range(22)]
    offsets, turns = [], []
    for joint, parent in enumerate(SMPL_PARENTS):
        above = poses[parent] if parent >= 0 else still
        offsets.append(above.apply(np.array(MODEL_SKELETON.rest_offsets[joint])))
        turns.append(above * local[joint] * poses[joint].inv())
    root = motion.joint_positions[:, 0].astype(np.float64)
    return Body(list(names), list(SMPL_PARENTS), offsets, turns, root, rate=motion.frame_rate)
