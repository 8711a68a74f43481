"""``python -m segmo_core``: the ``segmo`` program, where only a module can be named, as torchrun does."""

import sys

from segmo_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
