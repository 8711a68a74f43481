"""What is said of a take in its row: where it came from, how long it is, how much of what was asked it shows."""

from __future__ import annotations

from segmo_core.project.project import Take
from segmo_studio.document.findings import percent


def description(take: Take) -> str:
    """The second line of a take: how long it is and where it came from."""
    motion = take.motion
    if motion is None:
        return "not generated yet" if take.track is not None else "empty"
    origin = (
        seed_words(take.result.segment_seeds) if take.result is not None else f"{motion.frame_rate:g} fps, from a file"
    )
    return f"{motion.seconds:.1f} s · {origin}"


def seed_words(seeds: tuple[int, ...]) -> str:
    """The seeds of a take's segments: "seed 1", "seeds 1, 4, 1", "seeds 1 to 9" where there are too many to list."""
    if len(set(seeds)) == 1:
        return f"seed {seeds[0]}"
    listed = ", ".join(str(seed) for seed in seeds)
    return f"seeds {listed}" if len(seeds) <= 4 else f"seeds {min(seeds)} to {max(seeds)}"


def score(take: Take) -> tuple[int, int] | None:
    """Segments that the check finds as asked, of how many; None before anybody looked."""
    if take.alignment is None:
        return None
    number = len(take.alignment.segments)
    return number - len(take.alignment.flagged), number


def score_sentence(take: Take) -> str:
    """The score in full; empty before anybody looked."""
    found = score(take)
    if found is None or take.alignment is None:
        return ""
    good, number = found
    sure = sum(check.confidence for check in take.alignment.segments) / max(number, 1)
    return f"{good} of {number} segments as asked; {percent(sure)} sure of each on average"


def origin_sentence(take: Take) -> str:
    """The words or the file that a take was made of, and how the file was read."""
    parts = [take.prompt, str(take.source or ""), take.read_as.summary if take.read_as else "", score_sentence(take)]
    return "\n".join(part for part in parts if part)


def spoken(take: Take, is_marked: bool) -> str:
    """A row as a screen reader says it."""
    signs = [word for word, holds in (("starred", take.starred), ("compared", is_marked)) if holds]
    facts = [", ".join([take.name, *signs]), description(take), score_sentence(take)]
    return ": ".join(fact for fact in facts if fact)
