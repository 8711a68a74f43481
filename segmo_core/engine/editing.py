"""From a recording to another one that keeps most of it, number by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from segmo_core.engine.planning import Planning
from segmo_core.progress import Progress

if TYPE_CHECKING:
    from segmo_core.recordings.edits import EditedRecording, EditSettings, RecordingEditor
    from segmo_core.recordings.recording import Recording
    from segmo_core.recordings.texts import StretchTexts

LoopWay = Literal["travelling", "in-place"]


class Editing(Planning):
    """What edits recordings. Recordings come from ``recordings.recording.read_recording``."""

    def replace_stretch(
        self,
        recording: Recording,
        start: float,
        end: float,
        text: str,
        settings: EditSettings | None = None,
        progress: Progress | None = None,
    ) -> EditedRecording:
        """A stretch of a recording made anew from text.

        Args:
            recording: of any rate and human skeleton.
            start: seconds of the file.
            end: seconds of the file.
            text: one action or several, cut as a prompt is.
            settings: seed, and of how many the best is taken.
            progress: told while the model works; cancelling stops it.

        Returns:
            The recording with other frames in the stretch, which meet the others in pose, place, heading and speed, and
            for at most a second beside it; all others are the file's own.

        Raises:
            InvalidRequestError: a stretch outside the recording, too short, or all of it.
            CancelledError: cancelled.

        Example:
            >>> from segmo_core.recordings.edits import EditSettings
            >>> from segmo_core.recordings.recording import on_model_skeleton
            >>> recording, once = on_model_skeleton(result.motion), EditSettings(attempts=1)
            >>> edited = engine.replace_stretch(recording, 1.5, 3.5, "a person waves", once)
            >>> edited.numbers.num_frames, edited.stretch
            (104, (30, 70))
        """
        from segmo_core.recordings.recording import frames_of

        first, last = frames_of(recording, start, end)
        texts = self._texts(text, (last - first) / recording.frame_rate, progress)
        return self._editor(progress).replace(recording, first, last, texts, _settings(settings), progress)

    def extend_recording(
        self,
        recording: Recording,
        text: str,
        seconds: float | None = None,
        settings: EditSettings | None = None,
        progress: Progress | None = None,
    ) -> EditedRecording:
        """A recording that goes on beyond its end.

        Args:
            recording: as of ``replace_stretch``.
            text: as of ``replace_stretch``.
            seconds: of what is new; None takes what the text usually lasts.
            settings: as of ``replace_stretch``.
            progress: as of ``replace_stretch``.

        Returns:
            As ``replace_stretch``; all frames of the file but those of the blend are kept.

        Raises:
            InvalidRequestError: a text without a word, or seconds that are too few.
            CancelledError: cancelled.

        Example:
            >>> engine.extend_recording(recording, "a person bows", 2.0, once).numbers.num_frames
            144
        """
        return self._editor(progress).extend(
            recording, self._texts(text, seconds, progress), _settings(settings), progress
        )

    def loop_recording(
        self,
        recording: Recording,
        way: LoopWay = "travelling",
        text: str | None = None,
        seconds: float | None = None,
        settings: EditSettings | None = None,
        progress: Progress | None = None,
    ) -> EditedRecording:
        """A recording with a stretch after its end that comes back to its first pose.

        Args:
            recording: as of ``replace_stretch``.
            way: "travelling" goes on from where it has come to, "in-place" comes back to where it began.
            text: what happens on the way back; None takes what the recording does.
            seconds: of the way back; None takes 1.2 s, or what the text usually lasts.
            settings: as of ``replace_stretch``.
            progress: as of ``replace_stretch``.

        Returns:
            As ``extend_recording``; the last frame has the pose of the first.

        Raises:
            InvalidRequestError: as ``extend_recording``.
            CancelledError: cancelled.

        Example:
            >>> engine.loop_recording(recording, "in-place", settings=once).numbers.num_frames
            129
        """
        editor = self._editor(progress)
        texts = self._bridge(editor, recording, text, seconds, progress)
        return editor.loop(recording, texts, _settings(settings), progress, in_place=way == "in-place")

    def join_recordings(
        self,
        recording: Recording,
        other: Recording,
        text: str | None = None,
        seconds: float | None = None,
        settings: EditSettings | None = None,
        progress: Progress | None = None,
    ) -> EditedRecording:
        """Two recordings as one, with a stretch between them that leads from the one into the other.

        Args:
            recording: as of ``replace_stretch``; its skeleton and rate are those of the result.
            other: what comes after it, set on the floor where the stretch leads to.
            text: what happens between; None takes what the first one does.
            seconds: of the stretch; None takes 1.2 s, or what the text usually lasts.
            settings: as of ``replace_stretch``.
            progress: as of ``replace_stretch``.

        Returns:
            As ``extend_recording``.

        Raises:
            InvalidRequestError: as ``extend_recording``.
            CancelledError: cancelled.

        Example:
            >>> engine.join_recordings(recording, recording, settings=once).numbers.num_frames
            232
        """
        editor = self._editor(progress)
        texts = self._bridge(editor, recording, text, seconds, progress)
        return editor.join(recording, other, texts, _settings(settings), progress)

    def _editor(self, progress: Progress | None) -> RecordingEditor:
        from segmo_core.recordings.edits import RecordingEditor

        models = self._models(progress)
        return RecordingEditor(models.generator, models.grounder)

    def _bridge(
        self,
        editor: RecordingEditor,
        recording: Recording,
        text: str | None,
        seconds: float | None,
        progress: Progress | None,
    ) -> StretchTexts:
        from segmo_core.recordings.edits import BRIDGE_SECONDS
        from segmo_core.recordings.texts import UNKNOWN

        if text is not None:
            return self._texts(text, seconds, progress)
        told = editor.described(recording.on_model, at_end=True) or UNKNOWN
        return self._texts(told, BRIDGE_SECONDS if seconds is None else seconds, progress)

    def _texts(self, text: str, seconds: float | None, progress: Progress | None) -> StretchTexts:
        """The actions of ``text`` and how long each lasts; together ``seconds``, or what they usually last."""
        from segmo_core.recordings.texts import StretchTexts
        from segmo_core.timeline.token_grid import MODEL_FRAME_RATE

        told = [part.text for part in self.segment(text, progress=progress).segments]
        track = self.suggest_track(told, seconds, progress=progress) if len(told) > 1 or seconds is None else None
        shares: Sequence[float] = [1.0] if track is None else [part.num_frames / MODEL_FRAME_RATE for part in track]
        total = sum(shares) if seconds is None else seconds
        return StretchTexts(tuple(told), tuple(share * total / sum(shares) for share in shares))


def _settings(settings: EditSettings | None) -> EditSettings:
    from segmo_core.recordings.edits import EditSettings

    return settings or EditSettings()
