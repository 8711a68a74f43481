"""What may be asked for in the training and evaluation dialogs, as the command line has it, or why it may not."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segmo_core.data.captioned_folders.humanml3d import has_layout
from segmo_core.formats.registry import READABLE_EXTENSIONS
from segmo_core.shipped import config_file

FINETUNE = "finetune"
STAGES = {
    FINETUNE: "Teach a bundle own clips",
    "all": "A whole bundle",
    "tokenizer": "Its tokenizer alone",
    "masked": "Its masked transformer alone",
    "residual": "Its residual transformer alone",
    "decoder": "The tokenizer's decoder on",
    "boundaries": "Its boundary model alone",
    "durations": "How long texts take",
    "judge": "A judge on joints",
    "evaluator": "An evaluator",
}
_WITHOUT_CONFIG = ("durations", "judge", "evaluator")
SUITES = {
    "segments": "Segments: recognised, in order, at their places",
    "text-to-motion": "Text to motion: the published figures",
    "grounding": "Grounding: text found in motion",
    "movement": "Movement: sliding feet and jitter",
    "tokenizer": "Tokenizer: what it gives back",
    "long": "Long motions: what is seen at joins",
    "words": "Words: what single words change",
}
WITHOUT_SEED, WITHOUT_DATA = ("tokenizer",), ("words",)
DEVICES = ("cpu", "cuda")
_MOCAP22, _ANY = "mocap22 (motions.npz, clips.jsonl)", "HumanML3D or KIT-ML (texts/, new_joint_vecs/)"


def quoted(words: Sequence[str]) -> str:
    """A command line as the shell of this system reads it."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


@dataclass(frozen=True)
class TrainingChoice:
    """stage: a key of STAGES. data: the folder of clips or of the data set. bundle: to begin with, of FINETUNE."""

    stage: str
    data: Path | None
    out: Path | None
    config: Path | None = None
    bundle: str = "starter"
    steps: int = 500
    device: str = "cpu"
    resume: bool = False

    @property
    def has_config(self) -> bool:
        """Whether there is a field for it."""
        return self.stage != FINETUNE

    @property
    def arguments(self) -> tuple[str, ...]:
        """Of ``segmo``."""
        if self.stage == FINETUNE:
            words = [FINETUNE, str(self.data), "-o", str(self.out), "--bundle", self.bundle, "--steps", str(self.steps)]
            words += [] if self.device == "cpu" else ["--device", self.device]
        else:
            words = ["train", self.stage, "--data", str(self.data), "-o", str(self.out)]
            words += [] if self.config is None else ["--config", str(self.config)]
        return (*words, *(["--resume"] if self.resume else []))

    @property
    def has_checkpoints(self) -> bool:
        """Whether an earlier training has left some in ``out``."""
        return self.out is not None and any(self.out.glob("*/checkpoint.pt"))

    @property
    def problem(self) -> str:
        """Why it cannot be started, in one sentence; empty where it can be tried."""
        if self.data is None:
            return (
                "Choose the folder of your clips." if self.stage == FINETUNE else "Choose the folder of the data set."
            )
        if self.stage == FINETUNE:
            problem = clips_problem(self.data)
        else:
            problem = data_problem(self.data, only_mocap22=self.stage in ("durations", "judge", "boundaries"))
        if problem:
            return problem
        if self.has_config and self.config is None and self.stage not in _WITHOUT_CONFIG:
            return "Choose a configuration, such as starter."
        if self.config is not None and not config_file(self.config).is_file():
            return f"There is no configuration {self.config}, expected a JSON file or the name of one that ships."
        if self.out is None:
            return "Name a folder for checkpoints, logs and the bundle."
        if self.out.exists() and not self.out.is_dir():
            return f"{self.out} is a file, expected a folder."
        return ""


@dataclass(frozen=True)
class EvaluationChoice:
    """suite: a key of SUITES. limit: of prompts, clips or motions; 0 for all. more: further options, as typed."""

    suite: str
    bundle: str
    data: Path | None
    limit: int = 0
    seed: int = 0
    device: str = "cpu"
    more: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Of ``segmo``."""
        words = ["evaluate", self.suite, self.bundle]
        words += [] if self.data is None else ["--data", str(self.data)]
        words += ["--limit", str(self.limit)] if self.limit else []
        words += ["--seed", str(self.seed)] if self.seed and self.suite not in WITHOUT_SEED else []
        words += [] if self.device == "cpu" else ["--device", self.device]
        return (*words, *shlex.split(self.more))

    @property
    def problem(self) -> str:
        """Why it cannot be started, in one sentence; empty where it can be tried."""
        if self.data is None and self.suite not in WITHOUT_DATA:
            return "Choose the folder of the data set."
        problem = "" if self.data is None else data_problem(self.data, only_mocap22=self.suite != "text-to-motion")
        if problem:
            return problem
        try:
            shlex.split(self.more)
        except ValueError:
            return "More options: a quotation mark is left open."
        return ""


def data_problem(folder: Path, only_mocap22: bool = False) -> str:
    """Why a folder is no data set, in one sentence; empty where it looks like one."""
    if not folder.is_dir():
        return f"There is no folder {folder}."
    if (folder / "clips.jsonl").is_file() or (not only_mocap22 and has_layout(folder)):
        return ""
    return f"{folder}: no data set in it, expected {_MOCAP22 if only_mocap22 else f'{_MOCAP22}, {_ANY}'}."


def clips_problem(folder: Path) -> str:
    """Why nothing can be learned from a folder, in one sentence; empty where it looks as it should."""
    if not folder.is_dir():
        return f"There is no folder {folder}."
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in READABLE_EXTENSIONS)
    if not paths:
        return f"{folder}: no motion file in it, expected some, each with a .txt of the same name."
    alone = next((path for path in paths if not path.with_suffix(".txt").is_file()), None)
    if alone is not None:
        return f"{alone.name} has no {alone.stem}.txt beside it, expected a sentence that says what it shows."
    return ""
