"""A bundle's models computed by ONNX Runtime, which needs no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.bundle_manifest import (
    DURATION_MODEL,
    STATISTICS_FILE,
    BundleManifest,
    read_manifest,
    verify_files,
    weights_file,
)
from segmo_core.errors import BundleError
from segmo_core.models.estimators.configs import JointJudgeConfig
from segmo_core.models.finite_outputs import not_finite
from segmo_core.models.token_transformers.drawing import (
    BaseLogits,
    Mask,
    ResidualLogits,
    guided,
    softmax,
    two_of,
)
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.condition import SegmentCondition
from segmo_core.runtimes.graph_file import INT8, GraphFile
from segmo_core.runtimes.graph_sessions import GraphSessions
from segmo_core.runtimes.graph_weights import GraphWeights, read_arrays
from segmo_core.runtimes.motion_models import FrameSimilarities, SecondsOfTexts

FloatArray = NDArray[np.floating]
TokenIds = NDArray[np.int64]


class GraphModels:
    """See ``MotionModels``. int8: products of both transformers in int8, else float32 throughout."""

    def __init__(self, folder: Path, *, int8: bool = False, progress: Progress | None = None) -> None:
        progress = progress or SilentProgress()
        self.folder = Path(folder)
        self.manifest: BundleManifest = read_manifest(self.folder)
        progress.report(0.1, "Checking the bundle")
        verify_files(self.folder, self.manifest)
        progress.raise_if_cancelled()
        progress.report(0.3, "Loading the models")
        self._weights = GraphWeights(self.folder, self.manifest)
        self._graphs = GraphSessions(GraphFile.of_bundle(self.folder, self.manifest), self._weights)
        found = dict(read_arrays(self.folder / STATISTICS_FILE))
        width = (self.manifest.tokenizer.feature_width,)
        if any(name not in found or found[name].shape != width for name in ("mean", "std")):
            raise BundleError(f"{self.folder / STATISTICS_FILE}: 'mean' or 'std' is missing or of the wrong size")
        self.statistics = FeatureStatistics(found["mean"], found["std"])
        self._masked = "masked_transformer" + INT8 * int8
        self._residual = "residual_transformer" + INT8 * int8
        for name in (self._masked, self._residual, "decoder"):
            progress.raise_if_cancelled()
            self._graphs.load(name)
        progress.report(1.0, "Models loaded")

    def base_logits(self, condition: SegmentCondition, guidance_scale: float) -> BaseLogits:
        told = _condition_inputs(condition, guidance_scale, self.manifest.masked_transformer.word_questions > 0)
        pad_id = self.manifest.masked_transformer.num_codes + 1

        def logits_of(ids: TokenIds, is_hidden: Mask) -> FloatArray:
            pair = two_of(ids, guidance_scale)
            (found,) = self._graphs.run(self._masked, ("logits",), ids=pair, is_valid=pair != pad_id, **told)
            return guided(found, is_hidden, guidance_scale)

        return logits_of

    def residual_logits(self, condition: SegmentCondition, guidance_scale: float) -> ResidualLogits:
        config = self.manifest.residual_transformer
        told = _condition_inputs(condition, guidance_scale, config.word_questions > 0)
        history: FloatArray = np.zeros((), dtype=np.float32)

        def logits_of(ids: TokenIds, layer: int, is_asked: Mask) -> FloatArray:
            nonlocal history
            table = self._residual_table("embeddings", "first_embedding", layer - 1)
            history = history + table[np.where(ids < 0, config.num_codes, ids)]
            pair = two_of(history, guidance_scale)
            (hidden,) = self._graphs.run(
                self._residual,
                ("hidden",),
                history=pair,
                layers=np.full(len(pair), layer, dtype=np.int64),
                is_valid=two_of(ids >= 0, guidance_scale),
                **told,
            )
            states = guided(hidden, is_asked, guidance_scale)  # the projection that follows is linear
            return self._projected(states, layer)

        return logits_of

    def decode(self, token_ids: TokenIds) -> FloatArray:
        latents: FloatArray = np.zeros((), dtype=np.float32)
        for column in range(token_ids.shape[-1]):
            ids = token_ids[..., column]
            codes = self._codebook(column)[np.maximum(ids, 0)]
            latents = latents + codes * (ids >= 0)[..., None]
        (features,) = self._graphs.run("decoder", ("features",), latents=latents.astype(np.float32))
        return features

    def encode(self, features: FloatArray) -> TokenIds:
        (left,) = self._graphs.run("encoder", ("latents",), features=features.astype(np.float32))
        columns = []
        for column in range(self.manifest.tokenizer.num_quantizers):
            codes = self._codebook(column)
            ids = ((codes * codes).sum(axis=1) - 2.0 * (left @ codes.T)).argmin(axis=-1)
            columns.append(ids)
            left = left - codes[ids]
        return np.stack(columns, axis=-1).astype(np.int64)

    def motion_states(self, token_ids: NDArray[np.integer]) -> FloatArray:
        config = self.manifest.masked_transformer
        untold = SegmentCondition(
            np.zeros((1, config.text_width), dtype=np.float32),
            np.zeros((1, 1, config.text_width), dtype=np.float32),
            np.zeros((1, 1), dtype=bool),
            np.full((1, len(token_ids)), -1, dtype=np.int64),
        )
        told = _condition_inputs(untold, 1.0, config.word_questions > 0) | {"is_dropped": np.ones(1, dtype=bool)}
        ids = token_ids[None].astype(np.int64)
        (hidden,) = self._graphs.run(self._masked, ("hidden",), ids=ids, is_valid=np.ones_like(ids, dtype=bool), **told)
        found: FloatArray = hidden[0]
        return found

    def window_vectors(self, pooled: FloatArray) -> FloatArray:
        (vectors,) = self._graphs.run("grounding_windows", ("vectors",), pooled=pooled)
        return _finite(vectors, "grounding head")

    def text_vectors(self, texts: FloatArray) -> FloatArray:
        (vectors,) = self._graphs.run("grounding_texts", ("vectors",), texts=texts)
        return _finite(vectors, "grounding head")

    def frame_similarities(self, features: FloatArray, texts: FloatArray) -> FrameSimilarities | None:
        if self.manifest.boundary_model is None:
            return None
        rows = features[None].astype(np.float32)
        vectors, begins = self._graphs.run("boundary_frames", ("vectors", "begins"), features=rows)
        (said,) = self._graphs.run("boundary_texts", ("vectors",), texts=texts)
        sharpness = np.exp(self._weights.tensor("boundary_model.sharpness"))
        for values in (vectors, said, begins, sharpness):
            _finite(values, "boundary model")
        return FrameSimilarities(said @ vectors[0].T, begins[0], float(sharpness))

    def expected_lengths(self, texts: FloatArray) -> FloatArray | None:
        if self.manifest.length_estimator is None:
            return None
        (logits,) = self._graphs.run("length_estimator", ("logits",), texts=texts)
        shares = softmax(_finite(logits, "length estimator")[:, 1:])
        found: FloatArray = shares @ np.arange(1, logits.shape[1], dtype=np.float32)
        return found

    def load_joint_judge(self) -> GraphJudge | None:
        config = self.manifest.joint_judge
        return None if config is None else GraphJudge(config, self._graphs)

    def _codebook(self, layer: int) -> FloatArray:
        """(V, C)."""
        return self._weights.tensor(f"tokenizer.quantizer.layers.{layer}.codebook")

    def _residual_table(self, separate: str, alone: str, layer: int) -> FloatArray:
        """(V + 1, C) of code layer ``layer``, of weights that are shared between embedding and projection or not."""
        name = "residual_transformer."
        if not self.manifest.residual_transformer.share_weights:
            found: FloatArray = self._weights.tensor(name + separate)[layer]
        elif layer == 0:
            found = self._weights.tensor(name + alone)[0]
        else:
            found = self._weights.tensor(name + "shared_weights")[layer - 1]
        return found

    def _projected(self, states: FloatArray, layer: int) -> FloatArray:
        """states (R, C) -> logits (R, V) of code layer ``layer``."""
        config, name = self.manifest.residual_transformer, "residual_transformer."
        if not config.share_weights:
            weight = self._weights.tensor(name + "projections")[layer - 1, : config.num_codes]
            bias = self._weights.tensor(name + "projection_bias")[layer - 1, : config.num_codes]
            return np.asarray(states @ (weight.T * (2.0 if config.doubled_projection else 1.0)) + bias)
        is_last = layer == config.num_quantizers - 1
        table = self._weights.tensor(name + "last_projection")[0] if is_last else None
        table = self._weights.tensor(name + "shared_weights")[layer - 1] if table is None else table
        return np.asarray(states @ table[: config.num_codes].T)


class GraphJudge:
    """See ``JointJudging``."""

    def __init__(self, config: JointJudgeConfig, graphs: GraphSessions) -> None:
        self.config = config
        self._graphs = graphs

    def similarity(self, rows: FloatArray, is_valid: NDArray[np.bool_], texts: FloatArray) -> FloatArray:
        (moved,) = self._graphs.run("judge_motions", ("vectors",), rows=rows, is_valid=is_valid)
        (said,) = self._graphs.run("judge_texts", ("vectors",), texts=texts)
        return _finite((moved * said).sum(axis=1), "joint judge")


def seconds_by_graph(folder: Path, manifest: BundleManifest) -> SecondsOfTexts:
    """What a bundle's duration model says of sentence vectors. Reads no other weights."""
    verify_files(folder, manifest, (weights_file(DURATION_MODEL),))
    graphs = GraphSessions(GraphFile.of_bundle(folder, manifest), GraphWeights(folder, manifest))

    def seconds_of(texts: FloatArray) -> FloatArray:
        (logarithms,) = graphs.run(DURATION_MODEL, ("logarithms",), texts=texts)
        return _finite(np.exp(logarithms), "duration model")

    return seconds_of


def _condition_inputs(condition: SegmentCondition, guidance_scale: float, reads_words: bool) -> dict[str, NDArray[Any]]:
    """Inputs of a graph; absent segments that no sample has are left out, one stays."""
    count = max(1, int(condition.segment_is_valid.sum(axis=1).max(initial=0)))
    inputs: dict[str, NDArray[Any]] = {
        "caption": condition.caption.astype(np.float32),
        "segments": condition.segments[:, :count].astype(np.float32),
        "segment_is_valid": condition.segment_is_valid[:, :count],
        "token_segments": condition.token_segments,
    }
    if reads_words:
        batch, width = condition.caption.shape
        none = np.zeros((batch, count, 1, width), dtype=np.float32)
        inputs["words"] = none if condition.words is None else condition.words[:, :count].astype(np.float32)
        no_counts = np.zeros((batch, count), dtype=np.int64)
        inputs["word_counts"] = no_counts if condition.word_counts is None else condition.word_counts[:, :count]
    inputs = {name: two_of(values, guidance_scale) for name, values in inputs.items()}
    is_dropped = np.zeros(len(inputs["caption"]), dtype=bool)
    is_dropped[len(condition.caption) :] = True
    return inputs | {"is_dropped": is_dropped}


def _finite(values: FloatArray, part: str) -> FloatArray:
    if not np.isfinite(values).all():
        raise not_finite(part)
    return values
