"""A few damaged files for every reader, always the same ones; ``make fuzz`` tries new ones for ten minutes each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from readers import READERS
from soundness import check_reading

EXAMPLES = 25
IN_PROCESS = [name for name, reader in READERS.items() if not reader.is_apart]


@pytest.mark.parametrize("name", IN_PROCESS)
def test_the_sound_files_are_read(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    path = reader.place_in(tmp_path)
    for data in reader.good():
        path.write_bytes(data)
        assert check_reading(reader.read, path, watched=False) != "refused"


@pytest.mark.parametrize("name", IN_PROCESS)
def test_damaged_files_give_a_sound_value_or_a_sentence(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    path = reader.place_in(tmp_path)
    path.write_bytes(reader.good()[0])
    reader.read(path)  # loads what readers load when they are first used

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(reader.inputs())
    def check(data: bytes) -> None:
        path.write_bytes(data)
        check_reading(reader.read, path)

    check()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fbx", "usd"])
def test_damaged_files_of_readers_in_a_process_of_their_own(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    path = reader.place_in(tmp_path)

    @settings(max_examples=15, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(reader.inputs())
    def check(data: bytes) -> None:
        path.write_bytes(data)
        check_reading(reader.read, path, watched=False)

    check()
