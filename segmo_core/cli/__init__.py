"""The command line, ``segmo``. Commands import what they need when they run, so that ``--help`` answers at once."""

from segmo_core.cli.app import main

__all__ = ["main"]
