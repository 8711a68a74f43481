"""Which animations a USD stage holds: skeletons that play one, and animations that a skeleton could play."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pxr import Usd, UsdSkel

from segmo_core.errors import FileFormatError
from segmo_core.formats.reading.choices import chosen_clip, clip_names
from segmo_core.motion.provenance import Provenance

_MAX_CLIPS = 1000


@dataclass(frozen=True)
class _Clip:
    """animation: the prim to play; None for the one that the skeleton is bound to."""

    skeleton: UsdSkel.Skeleton
    animation: Usd.Prim | None
    name: str


def animated_skeleton(
    path: Path, stage: Usd.Stage, clip: str | None
) -> tuple[UsdSkel.SkeletonQuery, UsdSkel.Skeleton, Provenance]:
    """The skeleton to read with its animation bound, and what there is to tell of it; the first if none is chosen.

    Every skeleton that is bound to an animation is a clip, and so is every other animation of none but its joints,
    bound nowhere. Raises FileFormatError where nothing is animated, InvalidRequestError for a clip that the file
    has not.
    """
    clips, num_skeletons = _clips(stage)
    if not clips:
        found = (
            f"none of its skeletons ({num_skeletons}) is sound and animated" if num_skeletons else "holds no skeleton"
        )
        raise FileFormatError(f"{path}: {found}, expected one that is (UsdSkel)")
    names = clip_names([each.name for each in clips]) if len(clips) > 1 else ()
    number = chosen_clip(path, names, clip)
    chosen = clips[number]
    if chosen.animation is not None:
        stage.SetEditTarget(stage.GetSessionLayer())  # in memory alone
        binding = UsdSkel.BindingAPI.Apply(chosen.skeleton.GetPrim())
        binding.CreateAnimationSourceRel().SetTargets([chosen.animation.GetPath()])
    query = _query(UsdSkel.Cache(), set(), chosen.skeleton)
    if not query or not query.GetAnimQuery():
        raise FileFormatError(f"{path}: animation {chosen.name!r} does not fit its skeleton, expected one that does")
    return query, chosen.skeleton, Provenance(clip=names[number] if names else "", clips=names)


def _clips(stage: Usd.Stage) -> tuple[list[_Clip], int]:
    """All clips in the order of skeletons and animations in the file, and the number of skeletons."""
    prims = list(stage.Traverse(Usd.TraverseInstanceProxies()))
    skeletons = [UsdSkel.Skeleton(prim) for prim in prims if prim.IsA(UsdSkel.Skeleton)]
    animations = [prim for prim in prims if prim.IsA(UsdSkel.Animation)]
    cache, populated = UsdSkel.Cache(), set[str]()
    queries = [_query(cache, populated, skeleton) for skeleton in skeletons]
    bound = [query.GetAnimQuery().GetPrim() if query and query.GetAnimQuery() else None for query in queries]
    taken = {str(prim.GetPath()) for prim in bound if prim}
    clips: list[_Clip] = []
    for skeleton, query, own in zip(skeletons, queries, bound, strict=True):
        place = str(skeleton.GetPath()).strip("/") if len(skeletons) > 1 else ""
        if not query or not own:
            continue
        clips.append(_Clip(skeleton, None, place or own.GetName()))
        if skeleton.GetPrim().IsInstanceProxy():  # nothing else can be bound to it
            continue
        joints = {str(joint) for joint in query.GetJointOrder()}
        for animation in animations:
            moved = {str(joint) for joint in UsdSkel.Animation(animation).GetJointsAttr().Get() or ()}
            if str(animation.GetPath()) not in taken and moved and moved <= joints and len(clips) < _MAX_CLIPS:
                clips.append(_Clip(skeleton, animation, f"{place} {animation.GetName()}".strip()))
    return clips, len(skeletons)


def _query(cache: UsdSkel.Cache, populated: set[str], skeleton: UsdSkel.Skeleton) -> UsdSkel.SkeletonQuery | None:
    root = UsdSkel.Root.Find(skeleton.GetPrim())
    if root and str(root.GetPath()) not in populated:
        populated.add(str(root.GetPath()))
        cache.Populate(root, Usd.TraverseInstanceProxies())
    return cache.GetSkelQuery(skeleton)
