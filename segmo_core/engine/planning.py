"""From a prompt to a timed track: segments in order, and how long they last."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core.bundle_manifest import read_manifest, read_vocabulary
from segmo_core.durations import suggested_track
from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.durations.usual_durations import UsualDurations
from segmo_core.engine.loading import LoadedBundle
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.choice import AUTO
from segmo_core.segmentation.language_models import text_segmenter
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MAX_SECONDS, MIN_SECONDS, MIN_SEGMENT_FRAMES, MODEL_FRAME_RATE

if TYPE_CHECKING:
    from segmo_core.grounding.known_words import KnownWords, UnknownWord


class Planning(LoadedBundle):
    """What can be asked about a prompt before anything is generated."""

    def __init__(self, bundle: Path | None, device: str, fast: bool, runtime: str = AUTO) -> None:
        super().__init__(bundle, device, fast, runtime)
        self._usual_durations = UsualDurations(self._folder, self._text_encoder, self._runtime)
        self._known_words: KnownWords | None = None
        self._words_lock = threading.Lock()

    def segment(
        self,
        prompt: str,
        segmenter: str = "rules",
        progress: Progress | None = None,
        *,
        model: str | None = None,
        url: str | None = None,
    ) -> SegmentedText:
        """The actions of a prompt, in the order in which they happen (paper, section 3.3). Needs no model.

        Args:
            prompt: an English sentence.
            segmenter: "rules", built in, or "ollama", a language model on this machine; when that cannot answer,
                the rules do, and ``notice`` says why.
            progress: told what is waited for; cancelling stops the waiting.
            model: with "ollama", the language model to ask, such as "llama3"; None takes qwen3:8b.
            url: with "ollama", its server; None takes OLLAMA_HOST, or this machine.

        Returns:
            The segments as sentences of their own, with the characters of the prompt they came from.

        Raises:
            InvalidRequestError: a prompt without a word, or a model for a segmenter that has none.
            ConfigError: no segmenter of that name.
            CancelledError: cancelled.

        Example:
            >>> [part.text for part in engine.segment("a person bows after walking").segments]
            ['A person walks.', 'A person bows.']
        """
        return text_segmenter(segmenter, model=model, url=url).segment(prompt, progress)

    def suggest_track(
        self,
        texts: Sequence[str],
        seconds: float | None = None,
        durations: Sequence[float] | None = None,
        progress: Progress | None = None,
    ) -> SegmentTrack:
        """A timed track of segment texts, in whole tokens.

        Args:
            texts: one for each segment, in order.
            seconds: of the whole motion, 0.8 to 600, shared out by what each text usually takes.
            durations: seconds of each segment, 0.4 and more; then nothing is suggested.
            progress: told while the text encoder is read.

        Returns:
            Segments in frames at 20 a second that tile the motion.

        Raises:
            InvalidRequestError: no text, too many, or times that do not fit them.

        Example:
            >>> engine.suggest_track(["A person walks.", "A person bows."], durations=[2, 1.2]).ends
            (40, 64)
        """
        usual = self.usual_durations(texts, progress) if durations is None else None
        return suggested_track.suggest_track(texts, seconds, durations, usual)

    def usual_durations(self, texts: Sequence[str], progress: Progress | None = None) -> list[SegmentDuration]:
        """How long each text naturally takes, by the bundle's duration model, or by rules when it has none.

        Needs the text encoder alone, not the other models. May be called from any thread.

        Args:
            texts: segment texts.
            progress: told while the text encoder is read.

        Returns:
            Seconds, shortest, typical and longest, for each text.

        Raises:
            MissingDependencyError: the text encoder is not installed.

        Example:
            >>> engine.usual_durations(["A person waves for five seconds."])[0].typical
            5.0
        """
        return self._usual_durations.of(texts, progress or SilentProgress())

    def unknown_words(self, texts: Sequence[str]) -> tuple[UnknownWord, ...]:
        """The acts of some texts that no training motion of the bundle has, with what comes nearest.

        Needs the text encoder at most. May be called from any thread.

        Args:
            texts: segment texts.

        Returns:
            One for each such act; none where the bundle does not say what it was trained with.

        Raises:
            MissingDependencyError: the text encoder is not installed.

        Example:
            >>> engine.unknown_words(["A person walks."])
            ()
        """
        from segmo_core.grounding.known_words import KnownWords

        with self._words_lock:
            if self._known_words is None:
                vocabulary = read_vocabulary(self._folder)
                if vocabulary is None:
                    return ()
                encoder_name = read_manifest(self._folder).text_encoder
                self._known_words = KnownWords(vocabulary, lambda: self._text_encoder(encoder_name))
            return self._known_words.unknown_in(texts)

    def estimate_seconds(self, prompt: str, num_segments: int = 1, progress: Progress | None = None) -> float | None:
        """How long a whole motion is likely to be, for bundles that came with a length estimator.

        Args:
            prompt: the sentence.
            num_segments: of its track; each needs 0.4 s.
            progress: told while the models are read.

        Returns:
            Seconds, within what can be asked for; None when the bundle has no length estimator.

        Raises:
            BundleError: the bundle cannot be read.

        Source:
            MoMask's length estimator: a distribution over lengths in tokens, of which this is the mean.

        Example:
            >>> engine.estimate_seconds("a person walks") is None  # the starter bundle has a duration model instead
            True
        """
        if read_manifest(self._folder).length_estimator is None:
            return None
        seconds = self._models(progress).generator.estimated_seconds(prompt)
        shortest = max(MIN_SECONDS, num_segments * MIN_SEGMENT_FRAMES / MODEL_FRAME_RATE)
        return None if seconds is None else min(max(seconds, shortest), MAX_SECONDS)
