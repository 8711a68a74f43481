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
        # Most places hold no word: a processor leaves them out. Elsewhere no shape may depend on what is there.
        leaves_out = words.device.type == "cpu" and not torch.onnx.is_in_onnx_export()
        answers = self._answers_of_rows(words, is_word) if leaves_out else self._answers_of_all(words, is_word)
        found: Tensor = self.answer(functional.gelu(answers)) * (counts > 0)[..., None]
        return found

    def _answers_of_all(self, words: Tensor, is_word: Tensor) -> Tensor:
        """(..., Q V) of words (..., L, W), of which ``is_word`` (..., L) are there."""
        sizes = self._sizes(words) * is_word[..., None]
        values = self.value(words).float().unflatten(-1, (len(self.questions), _VALUE_WIDTH))
        sums = (values * sizes[..., None]).sum(dim=-3)
        answers: Tensor = (sums / sizes.sum(dim=-2).clamp(min=1e-6)[..., None]).flatten(-2)
        return answers

    def _answers_of_rows(self, words: Tensor, is_word: Tensor) -> Tensor:
        """The same, computed of the words alone."""
        rows = is_word.flatten().nonzero()[:, 0]
        flat = words.flatten(0, -2).index_select(0, rows)
        sizes = self._sizes(flat)
        values = self.value(flat).float().unflatten(-1, (len(self.questions), _VALUE_WIDTH))
        sentence = rows // words.shape[-2]
        shape = (is_word.numel() // words.shape[-2], len(self.questions), _VALUE_WIDTH)
        sums = values.new_zeros(shape).index_add(0, sentence, values * sizes[..., None])
        total = sizes.new_zeros(shape[:2]).index_add(0, sentence, sizes)
        answers: Tensor = (sums / total.clamp(min=1e-6)[..., None]).reshape(*is_word.shape[:-1], -1)
        return answers

    def _sizes(self, words: Tensor) -> Tensor:
        """(..., Q) how much each word answers to each question; of unit vectors, the size of a logit's power."""
        sizes: Tensor = (self.key(words) @ self.questions.t()).float().clamp(max=30.0).exp()
        return sizes
