"""``segmo info``: what a bundle or a project is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmo_core.cli.output import print_json, print_table

if TYPE_CHECKING:
    from segmo_core.bundle_manifest import BundleManifest


def info(
    bundle: Annotated[
        Path | None,
        typer.Argument(
            metavar="[BUNDLE|PROJECT]", help="Folder of a bundle, or a .segmo file; the starter bundle if left out."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check that a model bundle is whole, and describe it: sizes, settings, licence and measured figures.

    Of a project: its takes, their segments and seeds, and the bundle they were made with.
    """
    from segmo_core.bundle_manifest import MODEL_CARD_NAME, verify_files
    from segmo_core.cli.models.project_info import print_project
    from segmo_core.engine import Engine
    from segmo_core.project.project_file import is_project
    from segmo_core.serialization import to_plain

    if bundle is not None and is_project(bundle):
        print_project(bundle, as_json)
        return
    described = Engine(bundle).describe_bundle()
    manifest = described.manifest
    verify_files(described.folder, manifest)
    if as_json:
        print_json({"folder": str(described.folder), **to_plain(manifest)})
        return
    rows = [
        ("Name", f"{manifest.name} {manifest.release}".strip()),
        ("Description", manifest.description),
        ("Folder", str(described.folder)),
        ("Size", f"{manifest.num_bytes / 1e6:.1f} MB"),
        ("Licence of the weights", manifest.licence),
        ("Text encoder", manifest.text_encoder),
        ("Frame rate", f"{manifest.frame_rate:g} fps"),
        ("Segments", _segments(manifest)),
        ("Lengths", _lengths(manifest)),
        ("Text in motion", _grounding(manifest)),
        *((f"Sampling: {name}", f"{value:g}") for name, value in to_plain(manifest.sampling).items()),
        *((name, f"{value:g}") for name, value in manifest.figures.items()),
    ]
    if described.model_card:
        rows.append(("Model card", str(described.folder / MODEL_CARD_NAME)))
    print_table(("Bundle", ""), rows)


def _segments(manifest: BundleManifest) -> str:
    """What the transformers are told of the segments of a prompt."""
    config = manifest.masked_transformer
    if config.max_segments == 0:
        return "not told, it reads the whole prompt"
    told = ["their texts"]
    if config.segment_order_embedding:
        told.append("their order")
    if config.timed_conditioning:
        told.append("their times")
    return f"told {', '.join(told)}; up to {config.max_segments} at once"


def _lengths(manifest: BundleManifest) -> str:
    shares = "rules" if manifest.duration_model is None else "its duration model"
    if manifest.length_estimator is None:
        return f"by {shares}"
    return f"of a whole motion by its length estimator, of segments by {shares}"


def _grounding(manifest: BundleManifest) -> str:
    """What looks for text in motion, and for where segments begin."""
    config = manifest.masked_transformer
    if not (config.grounding_head and config.max_segments > 0):
        if config.has_alignment:
            return "in its aligned space, as in the paper (no grounding head, not calibrated)"
        return "not found, it has no grounding head"
    boundaries = "it too" if manifest.boundary_model is None else "its boundary model"
    return f"by its grounding head, boundaries by {boundaries}"
