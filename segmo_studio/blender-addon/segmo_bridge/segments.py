# SPDX-License-Identifier: GPL-3.0-or-later
"""The segments of a take as markers or strips."""

import json

from . import actions

_TRACK = "SegMo"
_MARKERS = "segmo_markers"
_LONGEST_NAME = 60


def show(scene, armature, action, segments, kind):
    """segments: (text, first frame, frame after the last). kind: "markers", "timeline", "strips" or "none"."""
    if not segments:
        return
    if kind == "markers":
        for text, start, _end in segments:
            action.pose_markers.new(text[:_LONGEST_NAME]).frame = start
    elif kind == "timeline":
        rows = [[text[:_LONGEST_NAME], start] for text, start, _end in segments]
        for name, frame in rows:
            scene.timeline_markers.new(name, frame=frame)
        armature[_MARKERS] = json.dumps(rows)
    elif kind == "strips":
        _add_strips(armature, action, segments)


def forget(scene, armature):
    """What an earlier take left; of the scene's markers only those that are still as it left them."""
    for name, frame in json.loads(armature.get(_MARKERS, "[]")):
        for marker in [one for one in scene.timeline_markers if (one.name, one.frame) == (name, frame)]:
            scene.timeline_markers.remove(marker)
    if _MARKERS in armature:
        del armature[_MARKERS]
    if armature.animation_data is not None:
        tracks = armature.animation_data.nla_tracks
        for track in [one for one in tracks if one.name == _TRACK]:
            tracks.remove(track)


def _add_strips(armature, action, segments):
    """A strip for every segment; the action itself is taken off, or it would hide them."""
    data = armature.animation_data
    first, last = actions.whole_range(action)
    track = data.nla_tracks.new()
    track.name = _TRACK
    for number, (text, start, end) in enumerate(segments):
        is_last = number == len(segments) - 1
        start, end = max(start, first), last if is_last else min(end, last)
        if end <= start:
            continue
        strip = track.strips.new(text[:_LONGEST_NAME], start, action)
        if getattr(action, "slots", None):
            strip.action_slot = action.slots[0]
        strip.name = text[:_LONGEST_NAME]
        strip.action_frame_start, strip.action_frame_end = start, end
        strip.frame_start, strip.frame_end = start, end
        strip.extrapolation = "HOLD" if is_last else "NOTHING"
    data.action = None
