"""World joint positions at given times of FBX files, as ufbx evaluates them: read_with_ufbx.py JOBS.json.

See read_in_blender.py for the jobs. Version 0.0.5 frees what Python still points at: every wrapper is kept.
"""

import json
import sys

import numpy as np
import ufbx

KEPT = []


def matrix(transform):
    q, t, s = transform.rotation, transform.translation, transform.scale
    w, x, y, z = q.w, q.x, q.y, q.z
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    result = np.eye(4)
    result[:3, :3] = turn * [s.x, s.y, s.z]
    result[:3, 3] = [t.x, t.y, t.z]
    return result


def keep(value):
    KEPT.append(value)
    return value


def read(job):
    scene = keep(ufbx.load_file(job["file"]))
    metres = scene.settings.unit_meters
    stack = keep(keep(scene.anim_stacks)[0])
    animation = keep(stack.anim)
    nodes, parents = [], []

    def walk(node, parent):
        index = len(nodes)
        nodes.append(keep(node))
        parents.append(parent)
        for child in keep(node.children):
            walk(child, index)

    walk(keep(scene.root_node), -1)
    positions = []
    for seconds in job["times"]:
        world = []
        for node, parent in zip(nodes, parents, strict=True):
            local = matrix(ufbx.evaluate_transform(animation, node, stack.time_begin + seconds))
            world.append(local if parent < 0 else world[parent] @ local)
        positions.append([(each[:3, 3] * metres).tolist() for each in world])
    return {
        "names": [node.name for node in nodes],
        "positions": positions,
        "vertices": [],
        "program": "ufbx 0.0.5",
        "takes": [stack.name],
        "start": stack.time_begin,
        "frame_rate": scene.settings.frames_per_second,
    }


with open(sys.argv[1]) as jobs_stream:
    jobs = json.load(jobs_stream)
for job in jobs:
    try:
        found = read(job)
    except Exception as error:
        found = {"error": repr(error)[:800]}
    with open(job["output"], "w") as stream:
        json.dump(found, stream)
