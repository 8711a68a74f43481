"""Sizes and switches of the two token transformers; saved as JSON beside the weights."""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core import catalog
from segmo_core.errors import ConfigError

NO_ALIGNMENT = "none"


@dataclass(frozen=True)
class TransformerConfig:
    """What both transformers share. Defaults are the published sizes with our own additions switched on.

    num_codes: codes per codebook (V). code_width: width of token embeddings (C). text_width: width of a
    sentence embedding (W). max_segments: segment condition tokens (S); 0 conditions on the caption alone.
    norm_first: normalise before attention and feed-forward, with a final LayerNorm; published models do not.
    segment_order_embedding: tell the network which segment comes first; published models do not.
    timed_conditioning: add the text of its segment to every motion token; published models do not.
    timed_conditioning_dropout, condition_dropout: shares of training samples that lose the timing, or the
    whole condition (which trains the unconditional model that guidance needs).
    unconditional_sees_segment_count: published models keep the empty segment tokens of an unconditional pass
    as attention keys, which tells how many segments there are; ours hide them.
    word_questions: read the words of segments one by one, with so many learned questions (``WordPooling``), beside the
    vector of each sentence; 0 reads sentence vectors alone, as published.
    """

    num_codes: int = 512
    code_width: int = 512
    latent_width: int = 384
    feedforward_width: int = 1024
    num_layers: int = 8
    num_heads: int = 6
    dropout: float = 0.2
    text_width: int = 512
    max_segments: int = 5
    norm_first: bool = False
    segment_order_embedding: bool = True
    timed_conditioning: bool = True
    timed_conditioning_dropout: float = 0.3
    condition_dropout: float = 0.2
    unconditional_sees_segment_count: bool = False
    word_questions: int = 0

    def __post_init__(self) -> None:
        kind = type(self).__name__
        for name in ("num_codes", "code_width", "latent_width", "feedforward_width", "num_layers", "num_heads"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{kind}.{name}: {getattr(self, name)}, expected at least 1")
        if self.latent_width % self.num_heads:
            raise ConfigError(
                f"{kind}.latent_width: {self.latent_width}, expected a multiple of num_heads ({self.num_heads})"
            )
        if self.max_segments < 0 or self.text_width < 1:
            raise ConfigError(
                f"{kind}: max_segments {self.max_segments} and text_width {self.text_width} are too small"
            )
        for name in ("dropout", "timed_conditioning_dropout", "condition_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"{kind}.{name}: {getattr(self, name)}, expected 0 to below 1")
        if self.word_questions < 0:
            raise ConfigError(f"{kind}.word_questions: {self.word_questions}, expected 0 or more")
        if self.max_segments == 0 and (self.segment_order_embedding or self.timed_conditioning or self.word_questions):
            raise ConfigError(f"{kind}: segment order and timed conditioning need max_segments of at least 1")


@dataclass(frozen=True)
class MaskedTransformerConfig(TransformerConfig):
    """The transformer of base tokens, with its segment losses.

    alignment_*: contrastive loss between text and motion (paper section 3.5); weight 0 leaves it out (published:
    1.0 for HumanML3D, 0.1 for KIT-ML). alignment_include_padding: absent segments and unconditional samples take
    part, as in the published code.
    alignment: what is told apart, "in-sample", "batch-level", "global", "token" or "none". aggregation: how the
    tokens of a motion segment become one vector, "mean", "max", "mean-max", "cross-attention" or "cls".
    grounding_*: a second, two-tower contrastive head over all segments of the unconditional samples of a
    batch, used to find text in motion. grounding_light_masking: share of those samples that are masked only
    lightly, because grounding will see whole motions.
    """

    alignment_temperature: float = 0.1
    alignment_weight: float = 1.0
    alignment_include_padding: bool = False
    grounding_head: bool = True
    grounding_temperature: float = 0.1
    grounding_weight: float = 0.5
    grounding_light_masking: float = 0.5
    alignment: str = "in-sample"
    aggregation: str = "mean-max"

    @property
    def has_alignment(self) -> bool:
        return self.alignment != NO_ALIGNMENT and self.alignment_weight > 0 and self.max_segments > 0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, known in (
            ("alignment", (*catalog.ALIGNMENTS, NO_ALIGNMENT)),
            ("aggregation", tuple(catalog.AGGREGATORS)),
        ):
            if getattr(self, name) not in known:
                raise ConfigError(
                    f"{type(self).__name__}.{name}: {getattr(self, name)!r} is unknown, "
                    f"expected one of {', '.join(known)}"
                )
        if self.alignment_include_padding and self.alignment not in ("in-sample", NO_ALIGNMENT):
            raise ConfigError(
                f"{type(self).__name__}.alignment_include_padding: exists only for in-sample alignment, "
                f"found {self.alignment!r}"
            )
        for name in ("alignment_temperature", "grounding_temperature"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{type(self).__name__}.{name}: {getattr(self, name)}, expected above 0")
        for name in ("alignment_weight", "grounding_weight"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{type(self).__name__}.{name}: {getattr(self, name)}, expected 0 or more")
        if not 0 <= self.grounding_light_masking <= 1:
            raise ConfigError(
                f"{type(self).__name__}.grounding_light_masking: {self.grounding_light_masking}, expected 0 to 1"
            )


@dataclass(frozen=True)
class ResidualTransformerConfig(TransformerConfig):
    """The transformer of residual tokens (layers 1 to Q-1).

    num_quantizers: Q, the base layer included. share_weights: the embedding of layer q is also the output
    projection of layer q (layers 1 to Q-2), as in the released weights.
    doubled_projection: logits are 2 W x + b, what the published code computes without shared weights.
    """

    num_quantizers: int = 6
    share_weights: bool = True
    doubled_projection: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_quantizers < 2:
            raise ConfigError(f"{type(self).__name__}.num_quantizers: {self.num_quantizers}, expected at least 2")
        if self.doubled_projection and self.share_weights:
            raise ConfigError(f"{type(self).__name__}: doubled_projection exists only without share_weights")
