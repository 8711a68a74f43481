"""Does a motion do what its segments say, in order and at their places?

Every asked segment is compared with its own stretch and with those of the others, and the boundaries are looked for
again without being told. Both come from the space of the grounding head, by which candidates are ranked, after what
their words count or measure. Whether a segment is found is reported by another judge, on joints.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.grounding.boundary_search import find_boundaries
from segmo_core.grounding.grounder import Grounder
from segmo_core.grounding.joint_check import JointJudgement
from segmo_core.grounding.segment_check import Finding, SegmentCheck, TrackAlignment
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_positions
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]

_SWAP_MARGIN = 0.1  # of cosine similarity
_TOO_SHORT = 0.5  # of the asked length


def align_track(grounder: Grounder, motion: Motion, track: SegmentTrack) -> TrackAlignment:
    """Compare ``motion`` (model skeleton) with the segments it should show; ``track`` is in frames of the motion.

    Raises InvalidRequestError for a track of another length than the motion's.
    """
    if track.num_frames > motion.num_frames:
        raise InvalidRequestError(
            f"track: {track.num_frames} frames, expected at most the {motion.num_frames} of the motion"
        )
    own_factor = motion.frame_rate / grounder.frame_rate
    rows = grounder.feature_rows(motion)
    encoded = grounder.encode_tokens(grounder.base_tokens(rows))
    texts = grounder.embed_texts(list(track.texts))
    ranges = _token_ranges(track, FRAMES_PER_TOKEN * own_factor, encoded.num_tokens)
    similarity = texts @ grounder.embed_stretches(encoded, ranges).T
    seen = grounder.frame_evidence(rows, list(track.texts))
    found = find_boundaries(texts @ encoded.local_vectors.T, rows, seen, grounder.layout)
    bounds = [round(frame * own_factor) for frame in found]
    unknown = {word.segment for word in grounder.unknown_words(track.texts)}
    scores = [float(similarity[index, index]) for index in range(len(track))]
    joints = resample_positions(motion.joint_positions, motion.frame_rate, MODEL_FRAME_RATE)
    frame_factor = motion.frame_rate / MODEL_FRAME_RATE
    stretches = [(round(part.start / frame_factor), round(part.end / frame_factor)) for part in track]
    by_tokens = [grounder.calibration.confidence(score) for score in scores]
    judged = grounder.judge_stretches(joints, stretches, track.texts, by_tokens)
    checks = []
    for index, (segment, judgement) in enumerate(zip(track, judged, strict=True)):
        start, end = bounds[index], bounds[index + 1]
        finding, other = _finding(index, similarity, track, judgement, (end - start) / segment.num_frames)
        if index in unknown:
            finding, other = "unknown words", None
        check = SegmentCheck(
            segment.text,
            scores[index],
            judgement.confidence,
            start,
            min(end, motion.num_frames),
            finding,
            other,
            judgement.measured,
        )
        checks.append(check)
    holds = [judgement.holds for judgement in judged]
    return TrackAlignment(tuple(checks), _ranking_score(similarity, track) + _facts_score(holds))


def _token_ranges(track: SegmentTrack, factor: float, num_tokens: int) -> NDArray[np.int64]:
    ranges = []
    for segment in track:
        start = min(round(segment.start / factor), num_tokens - 1)
        ranges.append((start, max(start + 1, min(round(segment.end / factor), num_tokens))))
    return np.array(ranges, dtype=np.int64)


def _finding(
    index: int, similarity: FloatArray, track: SegmentTrack, judgement: JointJudgement, found_share: float
) -> tuple[Finding | None, int | None]:
    own = similarity[index, index]
    for other in range(len(track)):
        if track[other].text == track[index].text:
            continue
        fits_there = similarity[index, other] > similarity[other, other] + _SWAP_MARGIN
        if fits_there and similarity[other, index] > own + _SWAP_MARGIN:
            return "swapped", other
    if judgement.holds is False:
        return "not as asked", None
    if judgement.confidence < 0.5:
        return "missing", None
    return ("too short", None) if found_share < _TOO_SHORT else (None, None)


def _facts_score(holds: Sequence[bool | None]) -> float:
    """What counts first among candidates: measured facts, of which one that fails outweighs any similarity."""
    return sum(0.5 if held else -1.0 for held in holds if held is not None) / len(holds)


def _ranking_score(similarity: FloatArray, track: SegmentTrack) -> float:
    """Mean over the segments of their own similarity, less what another text of the track has there more than it."""
    total = 0.0
    for index in range(len(track)):
        own = float(similarity[index, index])
        others = [other for other in range(len(track)) if track[other].text != track[index].text]
        strongest = max((float(similarity[other, index]) for other in others), default=own)
        total += own - max(0.0, strongest - own)
    return total / len(track)
