"""A sentence for a recorded clip from the table of acts, now and then, instead of its own captions.

The captions of the data sets tell clips as exactly as they can, each in a few ways. People say "dances" for a salsa,
"kicks" for a side kick, "waves" for a left hand, and the same act in many words.
"""

from __future__ import annotations

import numpy as np

from segmo_core.data.captions.action_words import actions_of_label, predicate
from segmo_core.data.captions.clip_sentences import ORDINARY_STYLE, CaptionTables
from segmo_core.data.captions.telling import tell


def label_sentence(label: str, style: str | None, tables: CaptionTables, generator: np.random.Generator) -> str | None:
    """A sentence for a clip with this label and style (None: of none); mostly None.

    A label that names a side ("wave-left-hand") has it said; a style of its own is told by a phrase or the subject.
    """
    actions = actions_of_label(label)
    if not actions:
        return None
    action = actions[int(generator.integers(len(actions)))]
    if generator.random() >= action.share:
        return None
    sides = [side for side in ("left", "right") if side in label.replace("-", " ").split()]
    said = predicate(action.name, generator, side=sides[0] if len(sides) == 1 else None)
    if said is None:
        return None
    if style is None or style == ORDINARY_STYLE or style not in tables.styles:
        return tell(said, generator)
    phrases, subjects = tables.styles[style]
    if generator.random() < 0.67:
        return tell(said + str(generator.choice(list(phrases))), generator)
    return tell(said, generator, str(generator.choice(list(subjects))))
