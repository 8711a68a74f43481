"""What the Playback menu does."""

from __future__ import annotations

from collections.abc import Callable

from segmo_studio.document.playback import Playback


def playback_handlers(playback: Playback, go_to_boundary: Callable[[int], object]) -> dict[str, Callable[..., object]]:
    """By the names of the actions. go_to_boundary: 1 for the next one, -1 for the one before."""
    return {
        "play": playback.toggle,
        "previous_frame": lambda: playback.step(-1),
        "next_frame": lambda: playback.step(1),
        "previous_boundary": lambda: go_to_boundary(-1),
        "next_boundary": lambda: go_to_boundary(1),
        "first_frame": lambda: playback.set_frame(0),
        "last_frame": lambda: playback.set_frame(playback.num_frames - 1),
        "shuttle_back": lambda: playback.shuttle(-1),
        "shuttle_stop": lambda: playback.shuttle(0),
        "shuttle_forward": lambda: playback.shuttle(1),
        "slower": lambda: playback.change_speed(-1),
        "faster": lambda: playback.change_speed(1),
        "loop": playback.set_looping,
        "loop_in": lambda: playback.set_loop_in(),
        "loop_out": lambda: playback.set_loop_out(),
        "loop_clear": playback.clear_loop_range,
    }
