"""Sentences for labelled clips: templates by action and style, or a clip's own captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.errors import DataError
from segmo_core.serialization import read_json

ORDINARY_STYLE = "normal"
# How often a sentence tells a style by a phrase, and by its subject. What nobody asked to be done sadly should be done
# in the ordinary way, so other styles are nearly always told.
_STYLE_SHARES = {True: (0.35, 0.15), False: (0.6, 0.3)}


@dataclass(frozen=True)
class CaptionTables:
    """Templates of ``captions.json`` and captions of ``cmu_captions.json`` (both beside the motion data).

    templates: action -> sentences with {subject} and {style}. styles: style -> (phrases, subjects).
    index_captions, index_segments: the CMU index line -> captions, and its ordered atomic actions.
    """

    subjects: tuple[str, ...]
    templates: dict[str, tuple[str, ...]]
    styles: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    index_captions: dict[str, tuple[str, ...]]
    index_segments: dict[str, tuple[str, ...]]

    @classmethod
    def load(cls, folders: Sequence[Path]) -> CaptionTables:
        """Read both tables of every folder, later ones completing earlier ones; DataError names what is missing."""
        subjects: dict[str, None] = {}
        table: dict[str, Any] = {"actions": {}, "styles": {}}
        index: dict[str, Any] = {}
        for folder in folders:
            own = _read(folder / "captions.json")
            subjects |= dict.fromkeys(own["subjects"])
            for part, rows in table.items():
                rows.update({name: row for name, row in own[part].items() if name not in rows})
            index = _read(folder / "cmu_captions.json") | index
        return cls(
            subjects=tuple(subjects),
            templates={action: tuple(lines) for action, lines in table["actions"].items()},
            styles={name: (tuple(row["phrases"]), tuple(row["subjects"])) for name, row in table["styles"].items()},
            index_captions={line: tuple(row["captions"]) for line, row in index.items()},
            index_segments={line: tuple(row["segments"]) for line, row in index.items()},
        )

    def sentence(
        self,
        action: str | None,
        style: str | None,
        description: str | None,
        captions: Sequence[str],
        generator: np.random.Generator,
    ) -> str:
        """One sentence for a clip, drawn from its own captions, the index line or the templates.

        DataError when the tables know nothing of the clip.
        """
        if captions:
            return str(generator.choice(list(captions)))
        if action in self.templates:
            return self._from_template(str(action), style, generator)
        if description in self.index_captions:
            return str(generator.choice(list(self.index_captions[str(description)])))
        if description:
            return f"a person: {description}."
        raise DataError(f"captions: no sentence for action {action!r}, expected one of {', '.join(self.templates)}")

    def _from_template(self, action: str, style: str | None, generator: np.random.Generator) -> str:
        template = str(generator.choice(list(self.templates[action])))
        subject, phrase = "a person", ""
        if generator.random() < 0.4:
            subject = str(generator.choice(list(self.subjects)))
        if style in self.styles:
            phrases, style_subjects = self.styles[str(style)]
            draw, (by_phrase, by_subject) = generator.random(), _STYLE_SHARES[style == ORDINARY_STYLE]
            if draw < by_phrase:
                phrase = str(generator.choice(list(phrases)))
            elif draw < by_phrase + by_subject:
                subject = str(generator.choice(list(style_subjects)))
        return template.format(subject=subject, style=phrase)


def _read(path: Path) -> Any:
    if not path.is_file():
        raise DataError(f"{path}: no such file, expected a caption table of the data set")
    return read_json(path)


CONNECTIVES = (", then ", " and then ", ", and then ", " and ", ", after that ", ". then ", ", next ")


def join_sentences(sentences: Sequence[str], generator: np.random.Generator) -> str:
    """One caption telling the sentences in order: "a person walks, then waves with the right hand." """
    first = sentences[0].rstrip(". ")
    caption = first
    for sentence in sentences[1:]:
        predicate = without_subject(sentence).rstrip(". ")
        caption += str(generator.choice(CONNECTIVES)) + predicate
    return caption + "."


_SUBJECT_WORDS = {
    "person", "man", "woman", "figure", "human", "individual", "guy", "character", "subject", "someone", "somebody",
    "adult", "teenager", "senior", "lady", "child", "kid", "performer", "dancer", "musician", "thug", "giant",
    "he", "she", "they", "boy", "girl", "player", "actor", "model", "avatar", "body",
}  # fmt: skip


def without_subject(sentence: str) -> str:
    """The sentence from its verb on; unchanged where no subject is recognised in the first five words."""
    words = sentence.split()
    for position, word in enumerate(words[:6]):
        if word.lower().strip(",") in _SUBJECT_WORDS and position + 1 < len(words):
            rest = words[position + 1 :]
            if rest[0] == "is" and len(rest) > 1:
                rest = rest[1:]
            return " ".join(rest)
    return sentence
