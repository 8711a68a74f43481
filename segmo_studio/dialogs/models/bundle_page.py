"""What a bundle says about itself, on one page: facts, measured figures, its model card."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QPalette, QTextCursor, QTextDocument, QTextTable
from PySide6.QtWidgets import QTextBrowser

from segmo_core.bundle_manifest import BundleManifest
from segmo_studio.services.models.known_bundles import KnownBundle

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TITLE = re.compile(r"\A\s*# .*\n")
_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML


class BundlePage(QTextBrowser):
    """Markdown of a file that others wrote: no link is followed, nothing beside it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setAccessibleName("What the bundle says about itself")
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(12)

    def show_bundle(self, bundle: KnownBundle, problem: str) -> None:
        """problem: what is wrong with it; empty where nothing is known to be."""
        self.document().setMarkdown(page_of(bundle, problem), _FEATURES)
        self._lay_out()
        self.verticalScrollBar().setValue(0)

    def _lay_out(self) -> None:
        """Room around paragraphs and cells, and thin lines, which Markdown has no words for."""
        document = self.document()
        edge = self.palette().color(QPalette.ColorRole.Mid)
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                look = frame.format()
                look.setBorderBrush(edge)
                look.setBorderCollapse(True)
                look.setCellPadding(4)
                look.setBottomMargin(8)
                frame.setFormat(look)
        block = document.begin()
        while block.isValid():
            cursor, shape = QTextCursor(block), block.blockFormat()
            if cursor.currentTable() is None:
                shape.setTopMargin(10 if shape.headingLevel() else 0)
                shape.setBottomMargin(6)
                cursor.setBlockFormat(shape)
            block = block.next()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        return None


def page_of(bundle: KnownBundle, problem: str) -> str:
    """The page as Markdown."""
    parts = [f"## {bundle.title}"]
    if problem:
        parts.append(f"**It cannot be used.** {problem}")
    if bundle.manifest is not None:
        facts = facts_of(bundle.manifest)
        parts += [bundle.manifest.description, _table(facts[0], facts[1:])]
        if bundle.manifest.figures:
            rows = [(_words(name), f"{value:g}") for name, value in bundle.manifest.figures.items()]
            parts += ["### Measured figures", _table(("Figure", "Value"), rows)]
    parts.append(f"Folder: {bundle.folder}")
    card = _TITLE.sub("", _COMMENT.sub("", bundle.card)).strip()
    if card:
        parts += ["---", "### Model card", card]
    return "\n\n".join(parts)


def facts_of(manifest: BundleManifest) -> list[tuple[str, str]]:
    """Name and value of what is decided before anything is measured."""
    config = manifest.masked_transformer
    can_find = config.grounding_head and config.max_segments > 0
    return [
        ("Licence of the weights", manifest.licence),
        ("Release", manifest.release or "none"),
        ("Size", f"{manifest.num_bytes / 1e6:.1f} MB"),
        ("Text encoder", manifest.text_encoder),
        (
            "Segments",
            f"up to {config.max_segments} at once" if config.max_segments else "not told, it reads the prompt",
        ),
        ("Finds text in motion", "yes" if can_find else "no, so it cannot check or rank what it makes"),
        ("Frame rate", f"{manifest.frame_rate:g} a second"),
        ("Steps, guidance", f"{manifest.sampling.steps}, {manifest.sampling.guidance_scale:g}"),
    ]


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "| --- | --- |"]
    return "\n".join(lines + [f"| {_cell(name)} | {_cell(value)} |" for name, value in rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _words(name: str) -> str:
    return name.replace("_", " ")
