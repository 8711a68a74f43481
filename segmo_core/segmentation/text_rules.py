"""The built-in text segmenter: a small English grammar, offline, no model (paper section 3.3).

Three principles: temporal order (also told backwards: "after", "before", "once", "before that"), modifiers stay
with their action, simultaneous actions are one segment. A caption goes through grammar.words,
grammar.splitter (one clause per action), grammar.sentences (each as a sentence) and grammar.order (as they happen).
"""

from __future__ import annotations

from segmo_core.errors import InvalidRequestError
from segmo_core.progress import Progress
from segmo_core.segmentation.grammar.clause import Clause
from segmo_core.segmentation.grammar.language import NOT_ENGLISH, is_english
from segmo_core.segmentation.grammar.order import in_time_order
from segmo_core.segmentation.grammar.phrases import DEFAULT_SUBJECT
from segmo_core.segmentation.grammar.sentences import Written, write_clauses
from segmo_core.segmentation.grammar.splitter import split_clauses
from segmo_core.segmentation.grammar.words import into_words, sentences, write
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.timeline.segment_track import TextSegment


class RulesSegmenter:
    """Never asks anyone; the same caption always gives the same segments."""

    name = "rules"

    def segment(self, caption: str, progress: Progress | None = None) -> SegmentedText:
        """Raises InvalidRequestError for a caption without a word, and for one that is no text or has no end."""
        check_text(caption, "prompt")
        parts = sentences(into_words(caption))
        if not parts:
            raise InvalidRequestError("prompt: empty, expected a sentence such as 'a person walks forward'")
        texts: dict[int, TextSegment] = {}
        clauses_of: list[list[Clause]] = []
        last: Written | None = None
        for words in parts:
            clauses = split_clauses(words)
            clauses_of.append(clauses)
            written = write_clauses(words, clauses, last)
            for clause, as_written in zip(clauses, written, strict=True):
                said = words[clause.start : clause.end]
                texts[id(clause)] = TextSegment(as_written.sentence, said[0].start, said[-1].end)
            last = written[-1] if written else last
        ordered = tuple(texts[id(clause)] for clause in in_time_order(clauses_of))
        if not ordered:  # connectives alone, such as "and then": nothing to cut, so it is one segment as it is
            said = [word for words in parts for word in words]
            ordered = (TextSegment(f"{DEFAULT_SUBJECT} {write(said)}.", said[0].start, said[-1].end),)
        notice = "" if is_english([word for words in parts for word in words]) else NOT_ENGLISH
        return SegmentedText(caption, ordered, self.name, notice)
