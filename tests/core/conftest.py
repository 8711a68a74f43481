"""One thread for numeric tests: their matrices are small, and threads that wait for each other take minutes."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is first imported
