"""Phrae's 117 cases, entered on devices and synced over a bad link: the tables come out as published (scenario 12)."""

from pathlib import Path

import pytest

from server.demo.centre import Premises, free_port
from server.demo.story import played


@pytest.mark.process
def test_the_published_tables_come_out_of_two_days_in_the_field(database_url: str, tmp_path: Path) -> None:
    url = "" if database_url.startswith("sqlite") else database_url
    with played(Premises(tmp_path / "centre", url), tmp_path / "devices", free_port(0)) as story:
        assert story.outcome.whole
        assert (story.outcome.photos, story.outcome.photos_matching, len(story.outcome.conflicts)) == (40, 40, 1)
        assert [row for rows in story.outcome.tables.values() for row in rows if not row.equal] == []
        assert {check for check, right in story.checks.items() if not right} == set()
        assert story.right
