"""Runs mypy with the oldest and with the newest NumPy that pyproject.toml allows: their stubs differ.

.venv/bin/python packaging/check_types.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

# The ends of the range in pyproject.toml; the newest needs a newer Python than our oldest, but only its stubs are read.
NUMPY = ("2.4.0", "2.5.5")
PYTHON_VERSION = "3.13"


def main() -> int:
    failed = False
    for version in NUMPY:
        python = environment_with(version)
        sys.stdout.write(f"mypy with NumPy {version}: ")
        sys.stdout.flush()
        command = [sys.executable, "-m", "mypy", "--python-executable", str(python), "--python-version", PYTHON_VERSION]
        failed |= subprocess.run([*command, "--cache-dir", f".mypy_cache/numpy-{version}"]).returncode != 0
    return int(failed)


def environment_with(version: str) -> Path:
    """The Python of an environment that has this NumPy before everything installed beside the one that runs."""
    folder = Path(sys.prefix) / f"numpy-{version}"
    python = folder / "bin" / "python"
    if python.exists():
        return python
    fetch_numpy(version, folder / "numpy")
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    here = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "before.pth").write_text("\n".join([str(folder / "numpy"), *here]) + "\n", "utf-8")
    return python


def fetch_numpy(version: str, folder: Path) -> None:
    """Unpack this NumPy's wheel; it is read, never imported, so it need not fit the Python that runs."""
    with tempfile.TemporaryDirectory() as fetched:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-qq",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            fetched,
        ]
        command += ["--python-version", PYTHON_VERSION, f"numpy=={version}"]
        subprocess.run(command, check=True)
        (wheel,) = Path(fetched).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)


if __name__ == "__main__":
    sys.exit(main())
