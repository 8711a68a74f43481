"""SegMo's engine: text to 3D human motion, segment by segment."""

import os

# Threads of torch's OpenMP wait asleep, not spinning. On a machine that does anything else, spinning threads made a
# generation of half a second take sixteen. Read when the library loads, so it is set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
