"""What the self-check says about the segments of a take, in words."""

from __future__ import annotations

from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.project.project import Take
from segmo_studio.document.sightings import checks_of, is_likely, sighting


def flagged_segments(take: Take) -> tuple[int, ...]:
    """Indices of the segments that the motion does not show as asked."""
    return tuple(index for index, check in checks_of(take).items() if check.finding is not None)


def finding_sentence(take: Take, index: int) -> str:
    """What is wrong with segment ``index``; empty when nothing is known to be."""
    check = checks_of(take).get(index)
    if check is None or check.finding is None or take.track is None:
        return ""
    name = f"Segment {index + 1}, “{in_sentence(check.text)}”,"
    if check.finding == "swapped" and check.other is not None:
        return f"{name} seems to have changed places with segment {check.other + 1}."
    if check.finding == "too short":
        found = (check.end - check.start) / take.frame_rate
        asked = take.track[index].num_frames / take.frame_rate
        return f"{name} is seen for only {found:.1f} s of the {asked:.1f} s asked for."
    if check.finding == "not as asked":
        return f"{name} is not done as asked: {check.measured}."
    if check.finding == "unknown words":
        return f"{name} asks for what no training motion shows, so nobody can say that it is there."
    return f"{name} {_missing_words(take, index)}"


def _missing_words(take: Take, index: int) -> str:
    seen = sighting(take, index)
    if seen is None or seen.place == "nowhere":
        sure = "" if seen is None else f" ({percent(seen.confidence)} sure that it is there)"
        return f"was not recognised in the motion{sure}."
    times = f"{seen.start / take.frame_rate:.1f} – {seen.end / take.frame_rate:.1f} s"
    return f"is seen only at {times} of its time." if seen.place == "in part" else f"is seen not here but at {times}."


def check_summary(take: Take, index: int) -> str:
    """The check of a segment in a few words: "swapped with 3", "as asked", "–" when there is none."""
    check, seen = checks_of(take).get(index), sighting(take, index)
    if check is None:
        return "–"
    if check.finding == "swapped" and check.other is not None:
        return f"swapped with {check.other + 1}"
    if check.finding == "missing" and seen is not None and seen.place in ("in part", "elsewhere"):
        return f"seen {seen.place}"
    return check.finding or "as asked"


def sighting_words(take: Take, index: int) -> str:
    """Where a segment is seen and how sure that is: "3.45 – 7.70 s, 94 % sure", "–" when nobody has looked."""
    seen = sighting(take, index)
    if seen is None:
        return "–"
    times = f"{seen.start / take.frame_rate:.2f} – {seen.end / take.frame_rate:.2f} s"
    where = {"nowhere": "probably nowhere", "elsewhere": f"only at {times}"}.get(seen.place, times)
    return f"{where}, {percent(seen.confidence)} sure"


def found_words(found: GroundingResult) -> str:
    """A query and how sure it is that the motion shows it."""
    sure = percent(found.confidence)
    query = in_sentence(found.query)
    return f"{query}: {sure}" if is_likely(found) else f"{query}: probably not in this motion ({sure})"


def in_sentence(text: str) -> str:
    """A text without its full stop, to stand inside a sentence."""
    return text.strip().rstrip(".")


def percent(confidence: float) -> str:
    """Rounded down, so that 50 % is never said of what is less likely than not."""
    return f"{int(confidence * 100)} %"


def plan_words(plan: TokenPlan) -> str:
    """What bringing the motion up to its track does, as a button says it."""
    if not plan.anew:
        return "Join the segments"
    return f"Regenerate {numbers(plan.anew)}" if len(plan.anew) <= 4 else f"Regenerate {len(plan.anew)} segments"


def plan_sentence(plan: TokenPlan) -> str:
    """The same in full."""
    if not plan.anew:
        return "Makes one motion of the segments as they stand; none is generated anew."
    kept = f" and keeps {numbers(plan.kept)}" if plan.kept else ""
    return f"Generates {numbers(plan.anew)} anew{kept}."


def numbers(indices: tuple[int, ...]) -> str:
    """Segments as people count them: "segment 2", "segments 2, 3 and 5"."""
    shown = [str(index + 1) for index in indices]
    if len(shown) == 1:
        return f"segment {shown[0]}"
    return f"segments {', '.join(shown[:-1])} and {shown[-1]}"
