"""What the words of a sentence say, one by one: a few learned questions, each answered by the words it finds."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_KEY_WIDTH = 32
_VALUE_WIDTH = 64


class WordPooling(nn.Module):
    """Attention of ``num_questions`` learned queries over the vectors of a sentence's words.

    A sentence vector is one mean over its words: "boxes" and "picks up a box" are neighbours there. Adds nothing until
    it has learned to, so that it can be given to a model that was trained without.
    """

    def __init__(self, text_width: int, width: int, num_questions: int) -> None:
        super().__init__()
        self.questions = nn.Parameter(torch.empty(num_questions, _KEY_WIDTH))
        self.key = nn.Linear(text_width, _KEY_WIDTH)
        self.value = nn.Linear(text_width, num_questions * _VALUE_WIDTH)
        self.answer = nn.Linear(num_questions * _VALUE_WIDTH, width)
        self.reset()

    @torch.no_grad()
    def reset(self) -> None:
        """Initial weights."""
        nn.init.normal_(self.questions)
        for linear in (self.key, self.value):
            nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(self.answer.weight)
        nn.init.zeros_(self.answer.bias)

    def forward(self, words: Tensor, counts: Tensor) -> Tensor:
        """words (..., L, W) unit vectors, of which the first counts (...) are there -> (..., width); 0 of no word."""
        is_word = torch.arange(words.shape[-2], device=words.device) < counts[..., None]
        flat = words.flatten(0, -2)
        # Most places hold no word: a processor leaves them out. Elsewhere no shape may depend on what is there.
        rows = is_word.flatten().nonzero()[:, 0] if words.device.type == "cpu" else None
        flat = flat if rows is None else flat.index_select(0, rows)
        asked = (self.key(flat) @ self.questions.t()).float().clamp(max=30.0)  # unit vectors: the size of a logit
        values = self.value(flat).float().unflatten(-1, (len(self.questions), _VALUE_WIDTH))
        sentence = torch.arange(is_word.numel(), device=words.device) // words.shape[-2]
        if rows is None:
            sizes = asked.exp() * is_word.reshape(-1, 1)
        else:
            sizes, sentence = asked.exp(), sentence.index_select(0, rows)
        shape = (counts.numel(), len(self.questions), _VALUE_WIDTH)
        sums = values.new_zeros(shape).index_add(0, sentence, values * sizes[..., None])
        total = sizes.new_zeros(shape[:2]).index_add(0, sentence, sizes)
        answers = (sums / total.clamp(min=1e-6)[..., None]).reshape(*counts.shape, -1)
        found: Tensor = self.answer(functional.gelu(answers)) * (counts > 0)[..., None]
        return found
