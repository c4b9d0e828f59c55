"""What ``make demo`` plays comes out right: nothing missing, photos equal, one conflict, the published tables."""

from pathlib import Path

import pytest

from server.demo.centre import Premises, free_port
from server.demo.story import played


@pytest.mark.process
def test_the_published_tables_come_out_of_two_days_in_the_field(tmp_path: Path) -> None:
    with played(Premises(tmp_path / "centre"), tmp_path / "devices", free_port(0)) as story:
        assert story.outcome.whole
        assert (story.outcome.photos, story.outcome.photos_matching, len(story.outcome.conflicts)) == (40, 40, 1)
        assert [row for rows in story.outcome.tables.values() for row in rows if not row.equal] == []
        assert {check for check, right in story.checks.items() if not right} == set()
        assert story.right
