"""All metadata is in pyproject.toml. This puts ``assets`` into wheels too, where shipped.shipped_folder finds it."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithAssets(build_py):
    """An editable install needs no copy: its assets lie beside the packages."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shutil.copytree("assets", Path(self.build_lib, "segmo_core", "assets"), dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithAssets})
