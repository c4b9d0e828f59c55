"""Knock a little at every door, each time at the same places; ``make fuzz`` knocks longer and elsewhere."""

from pathlib import Path

import pytest

from tests.conftest import migrate
from tests.databases import SqliteFiles
from tests.fuzz.door import Door
from tests.fuzz.doors import DOORS
from tests.fuzz.exploring import Explored, explore


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_whatever_arrives_is_taken_whole_or_refused_whole(
    door: Door, tmp_path: Path, sqlite_files: SqliteFiles
) -> None:
    found = Explored()

    with door.open(tmp_path, sqlite_files.create(migrate)) as opened:
        explore(opened, door.examples, 1, found)

    assert found.failures == {}
    assert found.examples >= door.examples
