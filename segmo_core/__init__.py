"""SegMo's engine: text to 3D human motion, segment by segment."""

import os

# How threads of torch's OpenMP wait for each other. Read when the library loads, so it is set before torch is imported.
# A generation is thousands of products of a few hundred microseconds, and waking a thread for each takes a quarter of
# the time. Spinning without end is worse on a machine that does anything else: half a second became sixteen. So they
# spin for about a third of a millisecond (GNU's library counts turns), then sleep; other libraries sleep at once.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
