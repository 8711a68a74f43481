"""All metadata is in pyproject.toml. This puts ``assets`` and ``configs`` into wheels too, where
shipped.shipped_folder finds them.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithAssets(build_py):
    """An editable install needs no copy: its folders lie beside the packages."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for folder in ("assets", "configs"):
                shutil.copytree(folder, Path(self.build_lib, "segmo_core", folder), dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithAssets})
