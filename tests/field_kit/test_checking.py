"""What lies on the device is compared with the centre's when it is time or something is suspicious, and mended."""

from datetime import timedelta
from typing import Any

import pytest

from field_kit import FieldKit
from field_kit.errors import Unreachable
from sync.checksum import content_checksum
from sync.errors import ServerBusy
from tests.field_kit.centre import Centre, page, table
from tests.field_kit.device import DISTRICT, TEAM, Crash

FIELDS = ["first_name", "last_name", "future"]


@pytest.fixture
def person(kit: FieldKit, outside: Any) -> str:
    """Give a person who lies on the device, in a district and with a team; one field is of a later time."""
    record = str(outside.new_id())
    kit.sync(transport=Centre(pulls=[page_of(record)]))
    return record


def page_of(record: str, name: str = "สมชาย") -> Any:
    rows = table("person", FIELDS, (record, 3, [DISTRICT, TEAM], [name, None, {"deep": [1.5, 2.0]}]))
    return page({DISTRICT: (5, None), TEAM: (5, None)}, rows, add=[DISTRICT, TEAM])


def checked(kit: FieldKit, **states: str) -> Centre:
    """Sync with a centre that finds buckets so."""
    centre = Centre(states={DISTRICT: states.get("district", "equal"), TEAM: states.get("team", "equal")})
    kit.sync(transport=centre)
    return centre


def asked(centre: Centre) -> list[dict[str, Any]]:
    return [request.buckets for request in centre.checked]


def test_nothing_is_compared_at_every_sync(kit: FieldKit, person: str) -> None:
    assert asked(checked(kit)) == []


def test_after_a_week_every_bucket_is_compared_once(kit: FieldKit, person: str, outside: Any) -> None:
    outside.clock += timedelta(days=7)
    found = content_checksum([(person, 3, {"first_name": "สมชาย", "future": {"deep": [1.5, 2]}})])
    centre = checked(kit)
    assert asked(centre) == [{DISTRICT: (1, found.hex), TEAM: (1, found.hex)}]
    assert (centre.checked[0].commit, asked(checked(kit))) == (5, [])


def test_what_differs_is_fetched_again_and_said(kit: FieldKit, person: str, outside: Any) -> None:
    kit.database.execute("UPDATE record SET data = replace(data, 'สมชาย', 'สมชาว')")
    outside.clock += timedelta(days=8)
    again = lambda request: page_of(person)  # noqa: E731
    centre = Centre(states={DISTRICT: "differs"}, pulls=[lambda request: page(request.checkpoint), again])
    tally = kit.sync(transport=centre)

    assert tally.damaged == [DISTRICT]
    assert centre.pulled[1].checkpoint == {DISTRICT: (0, None), TEAM: (5, None)}
    found = kit.get(person)
    assert found is not None
    assert found.data["first_name"] == "สมชาย"


def test_what_moved_on_is_compared_after_the_next_pull(kit: FieldKit, person: str, outside: Any) -> None:
    outside.clock += timedelta(days=8)
    assert len(asked(checked(kit, team="moved_on"))[0]) == 2
    assert [list(each) for each in asked(checked(kit))] == [[TEAM]]
    assert asked(checked(kit)) == []


def test_a_sync_that_was_killed_is_followed_by_a_check(kit: FieldKit, person: str) -> None:
    kit.database.execute("UPDATE meta SET value = 'true' WHERE key = 'syncing'")
    assert len(asked(checked(kit))) == 1
    assert asked(checked(kit)) == []


def test_a_sync_that_failed_is_no_reason_for_one(kit: FieldKit, person: str) -> None:
    with pytest.raises(Crash):
        kit.sync(transport=Centre(pulls=[Crash()]))
    assert asked(checked(kit)) == []


def test_found_damage_is_a_reason_for_one(kit: FieldKit, person: str) -> None:
    kit.database.execute("DELETE FROM record")
    kit.doctor()
    centre = checked(kit)
    assert asked(centre) == [{DISTRICT: (0, "0" * 16), TEAM: (0, "0" * 16)}]


def test_a_row_too_damaged_to_be_read_is_not_equal_to_anything(kit: FieldKit, person: str) -> None:
    kit.database.execute("UPDATE record SET data = '{\"first_name'")
    kit.doctor(repair=False)
    kit.database.execute("UPDATE meta SET value = 'true' WHERE key = 'syncing'")
    centre = Centre()
    kit.sync(transport=centre)
    ((count, total),) = {centre.checked[0].buckets[DISTRICT]}
    assert (count, total != content_checksum([(person, 3, {})]).hex) == (1, True)


def test_the_doctor_compares_when_asked(kit: FieldKit, person: str) -> None:
    assert kit.check_contents(transport=Centre()).ok
    finding = kit.check_contents(transport=Centre(states={TEAM: "differs"}))
    assert (finding.code, finding.ok, finding.detail) == ("contents_equal", False, TEAM)


@pytest.mark.parametrize("error", [ServerBusy(retry_after_ms=1), Unreachable()])
def test_a_routine_check_never_keeps_a_sync_waiting(kit: FieldKit, person: str, outside: Any, error: Any) -> None:
    class Busy(Centre):
        def check(self, request: Any) -> Any:
            raise error

    outside.clock += timedelta(days=8)
    assert kit.sync(transport=Busy()).complete
    assert (outside.waits, len(asked(checked(kit)))) == ([], 1)
    with pytest.raises(type(error)):
        kit.check_contents(transport=Busy())
