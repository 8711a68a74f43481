"""Fetching CLIP's weights, when the user asks for it and never otherwise."""

from __future__ import annotations

from pathlib import Path

import httpx
from safetensors.torch import save_file

from segmo_core.checksum import sha256_of
from segmo_core.errors import DownloadError
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.text_encoders.clip_weights import (
    OPENAI_FILE,
    OPENAI_SHA256,
    WEIGHTS_FILE,
    WEIGHTS_VARIABLE,
    clip_folder,
    read_clip_weights,
)

OPENAI_URL = f"https://openaipublic.azureedge.net/clip/models/{OPENAI_SHA256}/{OPENAI_FILE}"
CONNECT_SECONDS, SILENT_SECONDS = 10.0, 60.0


def fetch_clip(
    folder: Path | None = None,
    progress: Progress | None = None,
    *,
    url: str = OPENAI_URL,
    sha256: str = OPENAI_SHA256,
) -> Path:
    """Download OpenAI's ViT-B-32.pt, check it, and keep its text tower; returns the weights file.

    A download that was cut off goes on where it stopped. What is there already is not fetched again. Raises
    DownloadError in one sentence when the server cannot be reached or the file is not the expected one.
    """
    progress = progress or SilentProgress()
    folder = Path(folder) if folder is not None else clip_folder()
    target = folder / WEIGHTS_FILE
    if target.is_file():
        return target
    download = folder / OPENAI_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not download.is_file():
            _download(url, sha256, download, ProgressPart(progress, 0.0, 0.9))
        progress.report(0.92, "Keeping the text tower")
        weights = read_clip_weights(download)
        write_atomically(target, lambda path: save_file(weights, path))
        download.unlink()
    except OSError as error:
        raise DownloadError(f"{folder}: CLIP cannot be kept there ({error.strerror or error})") from None
    progress.report(1.0, "CLIP is ready")
    return target


def _download(url: str, sha256: str, target: Path, progress: Progress) -> None:
    """``url`` to ``target``, which appears whole and checked; the part fetched so far lies beside it."""
    part = target.with_name(f"{target.name}.part")
    try:
        _fetch(url, part, progress)
    except httpx.HTTPStatusError as error:
        raise DownloadError(f"{url}: the server answers {error.response.status_code}, expected the file") from None
    except httpx.HTTPError as error:
        raise DownloadError(
            f"{url}: cannot be reached ({error or type(error).__name__}); run this again when there is a connection, "
            f"or fetch the file elsewhere and name it in {WEIGHTS_VARIABLE}"
        ) from None
    progress.report(1.0, "Checking the download")
    found = sha256_of(part)
    if found != sha256:
        part.unlink()
        raise DownloadError(f"{url}: its checksum is {found[:12]}..., expected {sha256[:12]}...; it was deleted")
    part.replace(target)


def _fetch(url: str, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.is_file() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    timeout = httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS)
    with httpx.stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is there; the checksum decides
        response.raise_for_status()
        if response.status_code != httpx.codes.PARTIAL_CONTENT:
            have = 0  # a server that cannot go on begins again
        total = have + int(response.headers.get("Content-Length", 0))
        with part.open("ab" if have else "wb") as stream:
            for block in response.iter_bytes():
                progress.raise_if_cancelled()
                stream.write(block)
                have += len(block)
                progress.report(have / total if total else 0.0, f"Fetching CLIP, {have / 1e6:.0f} MB")
