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
        scores = self.key(words) @ self.questions.t()  # unit vectors: as they are, of about the size of a logit
        scores = scores.float().masked_fill(~is_word[..., None], -1e4)
        weights = scores.softmax(dim=-2).to(words.dtype) * is_word[..., None]
        values = self.value(words).unflatten(-1, (len(self.questions), _VALUE_WIDTH))
        answers = torch.einsum("...lq,...lqv->...qv", weights, values.to(weights.dtype)).flatten(-2)
        found: Tensor = self.answer(functional.gelu(answers)) * is_word.any(dim=-1, keepdim=True)
        return found
