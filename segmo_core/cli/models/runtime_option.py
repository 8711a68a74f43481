"""What computes the models, asked alike by every command that needs them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

RuntimeOption = Annotated[
    Literal["auto", "torch", "onnx"],
    typer.Option(
        "--runtime",
        help="What computes the model: torch, onnx (ONNX Runtime, needs no torch), or auto: torch if it is installed.",
    ),
]
