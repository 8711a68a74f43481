"""The ``segmo`` program: its commands, and what becomes of errors."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from segmo_core.cli.evaluation import evaluate
from segmo_core.cli.models.ablate import ablate
from segmo_core.cli.models.bench import bench
from segmo_core.cli.models.convert import convert
from segmo_core.cli.models.doctor import doctor
from segmo_core.cli.models.fetch_clip import fetch_clip
from segmo_core.cli.models.finetune import finetune
from segmo_core.cli.models.graphs import graphs
from segmo_core.cli.models.info import info
from segmo_core.cli.models.parity import parity
from segmo_core.cli.models.train import train
from segmo_core.cli.motions.batch import batch
from segmo_core.cli.motions.describe import describe
from segmo_core.cli.motions.editing.edit import edit
from segmo_core.cli.motions.export import export
from segmo_core.cli.motions.generate import generate
from segmo_core.cli.motions.ground import ground
from segmo_core.cli.motions.import_ import import_motion
from segmo_core.cli.motions.inspect import inspect
from segmo_core.cli.motions.library import library
from segmo_core.cli.texts.segment import segment, segment_file
from segmo_core.cli.texts.segment_dataset import segment_dataset
from segmo_core.errors import CancelledError, SegmoError

USER_ERROR = 2
INTERRUPTED = 130

app = typer.Typer(
    name="segmo",
    help="Text to 3D human motion, segment by segment.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(generate)
app.command()(batch)
app.command()(segment)
app.command("segment-file")(segment_file)
app.command("segment-dataset")(segment_dataset)
app.command()(edit)
app.command()(export)
app.command("import")(import_motion)
app.command()(inspect)
app.command()(ground)
app.command()(describe)
app.command()(train)
app.command()(ablate)
app.command()(finetune)
app.command()(convert)
app.command()(graphs)
app.command()(parity)
app.command("fetch-clip")(fetch_clip)
app.command()(info)
app.command()(doctor)
app.add_typer(evaluate, name="evaluate")
app.add_typer(library, name="library")
app.add_typer(bench, name="bench")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"segmo {version('segmo')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code: 0, 2 for anything the user can set right, 130 after Ctrl+C."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files need not be valid text; JSON reads the same escapes
            stream.reconfigure(errors="backslashreplace")
    signal_before = _end_tidily_on_term()
    try:
        code = app(arguments or ["--help"], prog_name="segmo", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, CancelledError, typer.Abort):
        print("segmo: interrupted.", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except SegmoError as error:
        print(f"segmo: {error}", file=sys.stderr)  # noqa: T201
        return USER_ERROR
    except OSError as error:
        return _told(error)
    except Exception as error:
        usage_message = getattr(error, "format_message", None)  # wrong options, in whichever copy of click typer uses
        if usage_message is None:
            raise
        command = getattr(getattr(error, "ctx", None), "command_path", None) or "segmo"
        sentence = usage_message().replace("Value error, ", "").rstrip(".")
        print(f"segmo: {sentence} (see {command} --help)", file=sys.stderr)  # noqa: T201
        return USER_ERROR
    finally:
        if signal_before is not None:
            signal.signal(signal.SIGTERM, signal_before)
    return code if isinstance(code, int) else 0


def _open_closed_streams() -> None:
    """What is said goes nowhere where the caller has closed the stream (``>&-``), instead of failing."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
            setattr(sys, name, stream)


def _end_tidily_on_term() -> Any:
    """From now on SIGTERM ends the program through every ``finally``, so that no half-written file stays; the handler
    before, None where there is nothing to restore.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        return None

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    return signal.signal(signal.SIGTERM, end)


def _told(error: OSError) -> int:
    """The exit code after what the system refused, said in one sentence; nothing where nobody reads on."""
    if error.filename is not None:
        print(f"segmo: {error.filename}: {error.strerror}", file=sys.stderr)  # noqa: T201
    elif error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
        print(f"segmo: output: cannot be written ({error.strerror})", file=sys.stderr)  # noqa: T201
    elif not isinstance(error, BrokenPipeError):
        raise error
    try:
        sys.stdout.flush()
    except OSError:  # a full disk or a closed pipe: what is left must not be tried again when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return USER_ERROR
