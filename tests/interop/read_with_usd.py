"""World joint positions at given times of USD files, by usd-core's own UsdSkel, and what its validators find.

read_with_usd.py JOBS.json; see read_in_blender.py for the jobs.
"""

import json
import sys

from pxr import Usd, UsdGeom, UsdSkel, UsdUtils

try:
    from pxr import UsdValidation
except ImportError:
    UsdValidation = None


def metres_y_up(stage):
    scale = UsdGeom.GetStageMetersPerUnit(stage)
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z:
        return lambda p: [p[0] * scale, p[2] * scale, -p[1] * scale]
    return lambda p: [p[0] * scale, p[1] * scale, p[2] * scale]


def findings(stage, file):
    """What the validators say: UsdValidation, and the older checker in versions that still have it."""
    found = []
    if hasattr(UsdUtils, "ComplianceChecker"):
        checker = UsdUtils.ComplianceChecker(arkit=False)
        checker.CheckCompliance(file)
        found += checker.GetErrors() + checker.GetFailedChecks() + checker.GetWarnings()
    if UsdValidation is not None:
        validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
        errors = UsdValidation.ValidationContext(validators).Validate(stage)
        found += [f"{error.GetName()}: {error.GetMessage()}" for error in errors]
    return found


def read(job):
    stage = Usd.Stage.Open(job["file"])
    to_metres = metres_y_up(stage)
    rate, start = stage.GetTimeCodesPerSecond(), stage.GetStartTimeCode()
    cache = UsdSkel.Cache()
    (root,) = [UsdSkel.Root(prim) for prim in stage.Traverse() if prim.IsA(UsdSkel.Root)]
    cache.Populate(root, Usd.PrimDefaultPredicate)
    (skeleton,) = [UsdSkel.Skeleton(prim) for prim in stage.Traverse() if prim.IsA(UsdSkel.Skeleton)]
    query = cache.GetSkelQuery(skeleton)
    positions = []
    for seconds in job["times"]:
        time = Usd.TimeCode(start + seconds * rate)
        placed = UsdGeom.Xformable(skeleton).ComputeLocalToWorldTransform(time)
        joints = query.ComputeJointSkelTransforms(time)
        positions.append([to_metres((joint * placed).ExtractTranslation()) for joint in joints])
    vertices = []
    for seconds in job["vertex_times"]:
        time = Usd.TimeCode(start + seconds * rate)
        for binding in cache.ComputeSkelBindings(root, Usd.PrimDefaultPredicate):
            for target in binding.GetSkinningTargets():
                mesh = UsdGeom.Mesh(target.GetPrim())
                rest = mesh.GetPointsAttr().Get()
                posed = type(rest)(rest)
                target.ComputeSkinnedPoints(query.ComputeSkinningTransforms(time), posed, time)
                placed = UsdGeom.Xformable(mesh).ComputeLocalToWorldTransform(time)
                vertices.append([to_metres(placed.Transform(point)) for point in posed])
    return {
        "names": [str(name) for name in query.GetJointOrder()],
        "positions": positions,
        "vertices": vertices,
        "program": "usd-core " + ".".join(str(part) for part in Usd.GetVersion()),
        "findings": findings(stage, job["file"]),
        "validated": UsdValidation is not None,
        "frame_rate": stage.GetFramesPerSecond(),
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
