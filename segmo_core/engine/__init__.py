"""The facade: everything the command line and the Studio ask of a model. What needs none is in ``motion_files``.

Torch is imported by the first call that needs a model, not by importing this package.
"""

from segmo_core.engine.engine import Engine as Engine
from segmo_core.engine.loading import BundleInfo as BundleInfo
from segmo_core.engine.loading import starter_bundle_path as starter_bundle_path
