"""``segmo fetch-clip``: the weights of the text encoder of published models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.output import ConsoleProgress


def fetch_clip(
    folder: Annotated[
        Path | None, typer.Option(help="Where to keep the weights, instead of this user's data folder.")
    ] = None,
) -> None:
    """Download CLIP's weights from OpenAI (354 MB, MIT licence), needed by bundles that segmo convert makes."""
    from segmo_core.text_encoders.clip_download import OPENAI_URL
    from segmo_core.text_encoders.clip_download import fetch_clip as fetch
    from segmo_core.text_encoders.clip_tokenizer import clip_vocabulary

    clip_vocabulary()  # what else CLIP needs is asked for before 354 MB are fetched
    typer.echo(f"Fetching {OPENAI_URL}")
    with ConsoleProgress("Fetching CLIP") as progress:
        path = fetch(folder, progress)
    typer.echo(f"CLIP's text encoder is in {path}")
    if folder is not None:
        typer.echo(f"Let SEGMO_CLIP_WEIGHTS name it: export SEGMO_CLIP_WEIGHTS={path}")
