"""A bundle opened for measuring: its generator, its grounder where it has one, and the sampling settings in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from segmo_core import catalog
from segmo_core.bundle import Bundle, load_bundle
from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.candidates import Candidate, generate_candidates, repair
from segmo_core.grounding.grounder import Grounder
from segmo_core.grounding.track_alignment import align_track
from segmo_core.models.sampling_settings import GroundingCalibration, SamplingSettings
from segmo_core.progress import Progress
from segmo_core.runtimes.torch_models import TorchModels
from segmo_core.shipped import bundle_folder
from segmo_core.text_encoders.text_encoder import TextEncoder


@dataclass(frozen=True)
class SamplingChoices:
    """Single sampling settings to measure with; None leaves the bundle's own."""

    steps: int | None = None
    guidance_scale: float | None = None
    residual_guidance_scale: float | None = None
    temperature: float | None = None
    top_k_share: float | None = None

    def applied_to(self, own: SamplingSettings) -> SamplingSettings:
        """InvalidRequestError where a value is out of range."""
        return replace(own, **{name: value for name, value in vars(self).items() if value is not None})


@dataclass(frozen=True)
class TestedBundle:
    """grounder: None for bundles without a grounding head."""

    __test__ = False  # its name begins like that of a test

    bundle: Bundle
    text_encoder: TextEncoder
    generator: MotionGenerator
    grounder: Grounder | None
    sampling: SamplingSettings

    @property
    def name(self) -> str:
        return self.bundle.manifest.name

    @property
    def is_timed(self) -> bool:
        """Whether it can be told where segments begin."""
        config = self.bundle.masked_transformer.config
        return config.max_segments > 0 and config.timed_conditioning

    def make(
        self, request: GenerationRequest, candidates: int = 1, repaired: bool = False
    ) -> tuple[GenerationResult, Candidate | None]:
        """The motion of a request as ``segmo generate`` makes it; with the check, where the bundle can check."""
        request = replace(request, sampling=self.sampling)
        if self.grounder is None:
            return self.generator.generate(request), None
        if candidates == 1:
            result = self.generator.generate(request)
            best = Candidate(result, align_track(self.grounder, result.motion, result.track))
        else:
            best = generate_candidates(self.generator, self.grounder, request, candidates)[0]
        if repaired:
            best = repair(self.generator, self.grounder, best)
        return best.result, best

    def calibrated(self, calibration: GroundingCalibration) -> TestedBundle:
        """The same, its similarities read by another curve than the one it came with."""
        bundle = replace(self.bundle, manifest=replace(self.bundle.manifest, grounding=calibration))
        grounder = None if self.grounder is None else Grounder(TorchModels(bundle), self.text_encoder)
        return replace(self, bundle=bundle, grounder=grounder)


def open_tested(
    folder: Path, device: str = "cpu", choices: SamplingChoices | None = None, progress: Progress | None = None
) -> TestedBundle:
    """Load the bundle in ``folder``; BundleError says what is wrong with it."""
    bundle = load_bundle(bundle_folder(folder), device, progress)
    encoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", bundle.manifest.text_encoder)()
    can_ground = bundle.masked_transformer.grounding is not None
    return TestedBundle(
        bundle,
        encoder,
        MotionGenerator(TorchModels(bundle), encoder),
        Grounder(TorchModels(bundle), encoder) if can_ground else None,
        (choices or SamplingChoices()).applied_to(bundle.sampling),
    )
