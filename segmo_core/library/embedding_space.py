"""Which vectors can be compared with which: those of one tokenizer, grounding head and text encoder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from segmo_core.bundle_manifest import STATISTICS_FILE, TOKENIZER, BundleManifest, weights_file

_DECIDING_FILES = (weights_file(TOKENIZER), STATISTICS_FILE, weights_file("masked_transformer"))


@dataclass(frozen=True)
class EmbeddingSpace:
    """bundle: its name, for people. fingerprint: equal for two bundles only when their vectors mean the same."""

    bundle: str
    fingerprint: str

    @classmethod
    def of(cls, manifest: BundleManifest) -> EmbeddingSpace:
        """The space of a bundle, from the checksums in its manifest."""
        records = [manifest.files[name].sha256 for name in _DECIDING_FILES if name in manifest.files]
        facts = " ".join([*records, manifest.text_encoder, f"{manifest.frame_rate:g}"])
        return cls(manifest.name, hashlib.sha256(facts.encode()).hexdigest())
