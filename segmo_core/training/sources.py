"""What a training reads of a data set, and says about it: mocap22, HumanML3D, KIT-ML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from segmo_core.bundle_manifest import STATISTICS_FILE
from segmo_core.data.boundary_sources import EXACT, boundaries_file, open_segmenter, with_boundaries
from segmo_core.data.captioned_folders.caption_pool import CaptionPoolSettings, pool_key, tokenize_captions
from segmo_core.data.captioned_folders.caption_segments import CaptionSegments
from segmo_core.data.captioned_folders.captioned_motion import CaptionedDataset
from segmo_core.data.captioned_folders.humanml3d import has_layout, load_humanml3d
from segmo_core.data.folders import DataFolders, folders_of
from segmo_core.data.mocap22 import Mocap22, load_mocap22
from segmo_core.data.pools.feature_clips import FeatureClips
from segmo_core.data.pools.fitted_statistics import balanced_statistics, biased
from segmo_core.data.pools.token_pool import SequencePool, TokenPool, compose_pool, tokenize_pool
from segmo_core.errors import ConfigError, DataError
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.progress import Progress
from segmo_core.segmentation.motion_uniform import UniformSegmenter
from segmo_core.shipped import bundle_folder
from segmo_core.text_encoders.text_encoder import TextEncoder
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE
from segmo_core.training.config import TrainingConfig
from segmo_core.training.model_card import captioned_model_card, model_card, weights_licence
from segmo_core.training.starting import statistics_of

FloatArray = NDArray[np.floating]

MAX_VALIDATION_CLIPS = 200
CAPTIONED_SPLITS = ("train", "val")


class TrainingSource(Protocol):
    """One data set with the settings of one training.

    clips: what the tokenizer is trained on. max_validation: it is validated on so many clips (None: all).
    """

    frame_rate: float
    description: str
    max_validation: int | None

    @property
    def clips(self) -> FeatureClips[Any]: ...
    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know of the data, in sentences."""
        ...

    def statistics(self) -> FeatureStatistics:
        """Mean and standard deviation (D,) that features are normalised with."""
        ...

    def sequences(self) -> tuple[SequencePool, SequencePool] | None:
        """Motions of several clips, to train and validate on, as the transformers see them; None where motions are
        taken as they are."""
        ...

    def token_pools(
        self, tokenizer: RVQVAE, encoder: TextEncoder, path_of: Callable[[str], Path]
    ) -> tuple[TokenPool, TokenPool]:
        """Pools to train and validate on, cached at ``path_of(name)``."""
        ...

    def sentences(self) -> Iterable[str]:
        """All that the transformers are told of motions to train on, as often as they are."""
        ...

    def licence(self) -> str: ...
    def model_card(self, out: Path) -> str: ...


def open_source(config: TrainingConfig, data: DataFolders, cache: Path, progress: Progress) -> TrainingSource:
    """The data set in one folder or several, recognised by its layout; DataError when it is none that is known."""
    folders = folders_of(data)
    if len(folders) == 1 and has_layout(folders[0]):
        if config.leave_out:
            raise ConfigError("training config: leave_out is for clips with sources and licences, expected none here")
        return CaptionedSource(config, load_humanml3d(folders[0], cache, CAPTIONED_SPLITS, progress), cache, progress)
    for folder in folders:
        if not (folder / "clips.jsonl").is_file() and not (folder / "motions.npz").is_file():
            raise DataError(
                f"{folder}: not a data set, expected HumanML3D or KIT-ML (texts/, new_joint_vecs/, train.txt) alone "
                "or mocap22 (motions.npz, clips.jsonl)"
            )
    clips = load_mocap22(folders, cache / "mocap22", progress).without(config.leave_out)
    return Mocap22Source(config, clips, cache, progress)


def _kept_statistics(config: TrainingConfig) -> FeatureStatistics | None:
    """Those of the bundle whose tokenizer is kept; None where there is none to keep."""
    if not config.keep_tokenizer or config.start_from is None:
        return None
    folder = bundle_folder(Path(config.start_from))
    found = statistics_of(folder)
    if found is None:
        raise DataError(f"{folder}: no {STATISTICS_FILE}, expected those that its tokenizer was trained with")
    return found


class Mocap22Source:
    """Labelled clips: the tokenizer sees them as they are, the transformers see them joined into sequences."""

    frame_rate = MODEL_FRAME_RATE
    max_validation: int | None = None

    def __init__(self, config: TrainingConfig, data: Mocap22, cache: Path, progress: Progress) -> None:
        self._config, self._data, self._cache, self._progress = config, data, cache, progress
        self.description = f"Text to motion, segment by segment, trained on {data.name}"
        self._sequences: tuple[SequencePool, SequencePool] | None = None
        self._statistics: FeatureStatistics | None = None

    @property
    def clips(self) -> Mocap22:
        return self._data

    @property
    def notices(self) -> tuple[str, ...]:
        skipped = self._data.skipped
        return (f"{self._data.name}: {len(skipped)} clips left out, first {skipped[0]}",) if skipped else ()

    def statistics(self) -> FeatureStatistics:
        if self._statistics is None:
            self._statistics = _kept_statistics(self._config)
        if self._statistics is None:
            clips = self._data.select("train", only_shippable=self._config.only_shippable)
            if self._config.balanced_statistics:
                self._statistics = balanced_statistics(self._data.features, clips, self._data.layout)
            else:
                self._statistics = self._data.statistics(clips, self._config.feature_bias)
        return self._statistics

    def token_pools(
        self, tokenizer: RVQVAE, encoder: TextEncoder, path_of: Callable[[str], Path]
    ) -> tuple[TokenPool, TokenPool]:
        statistics = self.statistics()
        pools = []
        for split, sequences in zip(("train", "val"), self.sequences(), strict=True):
            reads_words = self._config.reads_words
            path = path_of(f"{split}-{sequences.key}{'-words' if reads_words else ''}")
            tokens = tokenize_pool(
                sequences, tokenizer, statistics, encoder, path, reads_words=reads_words, progress=self._progress
            )
            pools.append(self._with_boundaries(tokens, sequences, statistics))
        return pools[0], pools[1]

    def sequences(self) -> tuple[SequencePool, SequencePool]:
        if self._sequences is None:
            training = self._composed("train", self._config.composition.num_sequences)
            self._sequences = training, self._composed("val", self._config.validation_sequences)
        return self._sequences

    def sentences(self) -> Iterable[str]:
        return (text for wordings in self.sequences()[0].sentences for wording in wordings for text in wording)

    def _composed(self, split: str, count: int) -> SequencePool:
        config = self._config
        return compose_pool(
            self._data,
            split,
            replace(config.composition, num_sequences=count),
            self._cache,
            only_shippable=config.only_shippable,
            progress=self._progress,
        )

    def _with_boundaries(self, tokens: TokenPool, sequences: SequencePool, statistics: FeatureStatistics) -> TokenPool:
        config = self._config
        if config.boundaries == EXACT:
            return tokens
        segmenter = open_segmenter(
            config.boundaries,
            self._data,
            statistics,
            self._cache,
            only_shippable=config.only_shippable,
            progress=self._progress,
        )
        cache = boundaries_file(self._cache, sequences, segmenter, statistics)
        return with_boundaries(
            tokens, sequences, segmenter, statistics, self._data.layout, cache, progress=self._progress
        )

    def licence(self) -> str:
        return weights_licence(self._data.select("train", only_shippable=self._config.only_shippable))

    def model_card(self, out: Path) -> str:
        clips = self._data.select("train", only_shippable=self._config.only_shippable)
        return model_card(self._config, clips, self._data.name, out)


class CaptionedSource:
    """Motions with real captions, decomposed beforehand or by the rules, and cut by a motion segmenter, evenly unless
    the config says otherwise."""

    max_validation: int | None = MAX_VALIDATION_CLIPS

    def __init__(self, config: TrainingConfig, data: CaptionedDataset, cache: Path, progress: Progress) -> None:
        width = config.tokenizer.feature_width
        if width != data.layout.dimension:
            raise ConfigError(
                f"training config: tokenizer.feature_width {width}, expected {data.layout.dimension} for {data.name}"
            )
        own = biased(data.statistics, data.layout, config.feature_bias)
        data = replace(data, statistics=_kept_statistics(config) or own)
        self._config, self._data, self._cache, self._progress = config, data, cache, progress
        self._max_segments = max(1, config.masked.max_segments)
        self._segments = CaptionSegments(
            data.folder, data.name, self._max_segments, config.segments_model, config.join_rest
        )
        if config.segments_model is not None and self._segments.folder is None:
            raise DataError(
                f"{data.folder}: no segments of {config.segments_model!r}, expected the files that "
                "`segmo segment-dataset` writes"
            )
        self.frame_rate = data.frame_rate
        self.description = f"Text to motion, segment by segment, trained on {data.name}"

    @property
    def clips(self) -> CaptionedDataset:
        return self._data

    @property
    def notices(self) -> tuple[str, ...]:
        return (*self._data.notices, *([self._segments.notice] if self._segments.notice else []))

    def statistics(self) -> FeatureStatistics:
        return self._data.statistics

    def sequences(self) -> None:
        return None

    def sentences(self) -> Iterable[str]:
        clips = self._data.select("train")
        return (text for clip in clips for caption in clip.captions for text in self._segments.of(clip, caption))

    def token_pools(
        self, tokenizer: RVQVAE, encoder: TextEncoder, path_of: Callable[[str], Path]
    ) -> tuple[TokenPool, TokenPool]:
        boundaries = UniformSegmenter.name if self._config.boundaries == EXACT else self._config.boundaries
        segmenter = open_segmenter(boundaries, self._data, self._data.statistics, self._cache, progress=self._progress)
        crops = self._config.crops
        key = pool_key(self._data, self._segments, self._max_segments, segmenter.name, crops)
        pools = [
            tokenize_captions(
                self._data,
                split,
                self._segments,
                tokenizer,
                encoder,
                path_of(f"{split}-{key}"),
                settings=CaptionPoolSettings(self._max_segments, crops=crops if split == "train" else 0),
                segmenter=segmenter,
                progress=self._progress,
            )
            for split in CAPTIONED_SPLITS
        ]
        return pools[0], pools[1]

    def licence(self) -> str:
        return f"research only, under the terms of {self._data.name} and of the motion capture in it"

    def model_card(self, out: Path) -> str:
        return captioned_model_card(self._config, self._data, self._segments.folder, out)
