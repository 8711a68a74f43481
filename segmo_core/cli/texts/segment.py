"""``segmo segment`` and ``segmo segment-file``: prompts into ordered actions, without generating."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segmo_core.cli.motions.checking import plain_duration
from segmo_core.cli.output import ConsoleProgress, print_json, print_notice, print_table
from segmo_core.cli.texts.segmenting import ModelOption, OllamaUrlOption, SegmenterOption, StrictOption
from segmo_core.errors import FileFormatError, InvalidRequestError

if TYPE_CHECKING:
    from segmo_core.durations.segment_duration import SegmentDuration


def segment(
    prompt: Annotated[
        str, typer.Argument(metavar="PROMPT", help="What happens, such as 'a person sits down after turning around'.")
    ],
    segmenter: SegmenterOption = "rules",
    strict: StrictOption = False,
    model: ModelOption = None,
    ollama_url: OllamaUrlOption = None,
    durations: Annotated[
        bool, typer.Option("--durations", help="Say how many seconds each action usually takes.")
    ] = False,
    bundle: Annotated[
        Path | None, typer.Option(help="With --durations: folder of a model bundle; the starter bundle if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Cut a prompt into its actions, in the order in which they happen."""
    from segmo_core.segmentation.language_models import text_segmenter

    asked = text_segmenter(segmenter, strict=strict, model=model, url=ollama_url)
    with ConsoleProgress("Cutting the prompt") as progress:
        segmented = asked.segment(prompt, progress)
    if segmented.notice:
        print_notice(segmented.notice)
    texts = [s.text for s in segmented.segments]
    usual = _usual_durations(texts, bundle) if durations else None
    if as_json:
        print_json(
            {
                "caption": segmented.caption,
                "segments": texts,
                "ranges": [None if s.start is None else [s.start, s.end] for s in segmented.segments],
                "segmenter": segmented.segmenter,
                "notice": segmented.notice,
            }
            | ({} if usual is None else {"durations": [plain_duration(found)["usual_seconds"] for found in usual]})
        )
        return
    rows = [(str(number), text) for number, text in enumerate(texts, start=1)]
    if usual is None:
        print_table(("#", "Segment"), rows, numbers=("#",))
        return
    timed = [(*row, f"{found.typical:.1f}", found.range_text) for row, found in zip(rows, usual, strict=True)]
    print_table(("#", "Segment", "Seconds", "Range"), timed, numbers=("#", "Seconds", "Range"))


def _usual_durations(texts: list[str], bundle: Path | None) -> list[SegmentDuration]:
    from segmo_core.engine import Engine

    with ConsoleProgress("Loading") as progress:
        return Engine(bundle).usual_durations(texts, progress)


def segment_file(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help='Lines {"id": ..., "caption": "..."}.')],
    target: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT.jsonl", help='Lines {"id": ..., "segments": [...]}.')
    ],
    segmenter: SegmenterOption = "rules",
    strict: StrictOption = False,
    model: ModelOption = None,
    ollama_url: OllamaUrlOption = None,
) -> None:
    """Cut every caption of a JSON-lines file."""
    from segmo_core.cli.motions.output_files import check_writable
    from segmo_core.segmentation.language_models import text_segmenter
    from segmo_core.serialization import write_atomically

    records = _read_captions(source)
    check_writable(target)
    if target.exists() and target.samefile(source):
        raise InvalidRequestError(f"{target}: is the file that is read, expected another one to write")
    asked = text_segmenter(segmenter, strict=strict, model=model, url=ollama_url)
    lines: list[str] = []
    notices: Counter[str] = Counter()
    with ConsoleProgress("Cutting captions") as progress:
        for done, (line_number, record) in enumerate(records, start=1):
            try:
                segmented = asked.segment(record["caption"])
            except InvalidRequestError as error:
                raise InvalidRequestError(f"{source}, line {line_number}: {error}") from None
            notices.update([segmented.notice] if segmented.notice else [])
            answer = {"id": record["id"], "segments": [s.text for s in segmented.segments]}
            lines.append(json.dumps(answer, ensure_ascii=False) + "\n")
            progress.report(done / len(records), f"{done} of {len(records)} captions")
    for notice, times in notices.items():
        print_notice(f"{notice} ({times} of {len(records)} captions)")
    write_atomically(target, lambda path: path.write_text("".join(lines), encoding="utf-8"))
    typer.echo(f"Wrote {len(records)} captions to {target}")


def _read_captions(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Records with their line numbers, each checked for "id" and "caption"."""
    from segmo_core.serialization import read_text

    records = []
    for number, line in enumerate(read_text(path, "JSON lines").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            json.dumps(record, ensure_ascii=False).encode()
        except json.JSONDecodeError as error:
            raise FileFormatError(f"{path}, line {number}: not valid JSON ({error.msg})") from None
        except (ValueError, RecursionError):  # halves of surrogate pairs, numbers of thousands of digits
            raise FileFormatError(f"{path}, line {number}: cannot be kept as JSON, expected text and numbers") from None
        if not isinstance(record, dict) or "id" not in record or not isinstance(record.get("caption"), str):
            raise FileFormatError(f'{path}, line {number}: expected an object with "id" and a text "caption"')
        records.append((number, record))
    return records
