"""What a restored centre did not bring back is offered to it after a complete pull, and kept until the receipt."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from field_kit import FieldKit
from field_kit.errors import ServerRefused, Unreachable
from sync.errors import EpochChanged, TooManyRequests, ValidationFailed
from tests.field_kit.centre import Centre, page, table
from tests.field_kit.device import DISTRICT, EPOCH

NEW_EPOCH = "01a00000-0000-7000-8000-0000000000e2"


@pytest.fixture
def held(kit: FieldKit, outside: Any) -> list[str]:
    """Give three people on the device: one from before the backup, two from after it."""
    people = [str(outside.new_id()) for _ in range(3)]
    rows = [(each, version, [DISTRICT], [f"คน {version}"]) for each, version in zip(people, (3, 7, 8), strict=True)]
    reply = page({DISTRICT: (8, None)}, table("person", ["first_name"], *rows), add=[DISTRICT], commit=8)
    kit.sync(transport=Centre(pulls=[reply]))
    return people


def restored(*puts: Any) -> Centre:
    """Return a centre that was restored to commit 5 and brings what it has."""
    changed = EpochChanged(epoch=NEW_EPOCH, restored_to=5)
    rows = table("person", ["first_name"], *puts)
    return Centre(pulls=[changed, lambda request: page({DISTRICT: (6, None)}, rows, commit=6)])


def offered(centre: Centre) -> list[tuple[str, int, dict[str, Any], str]]:
    rows = [row for request in centre.witnessed for row in request.witnesses]
    return [(row.record, row.version, row.data, row.epoch) for row in rows]


def kept(kit: FieldKit) -> list[str]:
    return [str(each) for (each,) in kit.database.rows("SELECT id FROM witness ORDER BY id")]


def test_what_did_not_come_back_is_offered_once(kit: FieldKit, held: list[str]) -> None:
    centre = restored((held[1], 6, [DISTRICT], ["คน 7"]))
    tally = kit.sync(transport=centre)
    assert offered(centre) == [(held[2], 8, {"first_name": "คน 8"}, EPOCH)]
    assert (centre.witnessed[0].epoch, tally.witnesses, kept(kit)) == (NEW_EPOCH, 1, [])
    again = Centre()
    kit.sync(transport=again)
    assert offered(again) == []


def test_what_came_back_otherwise_is_offered_as_it_was(kit: FieldKit, held: list[str]) -> None:
    centre = restored((held[1], 6, [DISTRICT], ["คน 5"]), (held[2], 6, [DISTRICT], ["คน 8"]))
    kit.sync(transport=centre)
    assert offered(centre) == [(held[1], 7, {"first_name": "คน 7"}, EPOCH)]


@pytest.mark.parametrize(
    "refusal",
    [
        Unreachable(),
        ServerRefused("?", status=404, server_code="not_found"),
        TooManyRequests(retry_after_ms=3_600_000),
        ValidationFailed(errors={"witnesses": [{"code": "invalid"}]}),
    ],
)
def test_without_a_receipt_everything_is_kept(kit: FieldKit, held: list[str], refusal: Any) -> None:
    class Deaf(Centre):
        def witnesses(self, request: Any) -> Any:
            raise refusal

    centre = Deaf(pulls=restored().pulls)
    with suppress(Unreachable):
        kit.sync(transport=centre)
    assert kept(kit) == sorted(held[1:])


def test_the_rest_of_a_sync_does_not_wait_for_staff_to_look_at_witnesses(
    kit: FieldKit, held: list[str], tmp_path: Path, outside: Any
) -> None:
    class Busy(Centre):
        def witnesses(self, request: Any) -> Any:
            raise TooManyRequests(retry_after_ms=3_600_000)

    (tmp_path / "house.jpg").write_bytes(b"photo")
    kit.attach(held[0], tmp_path / "house.jpg")
    centre = Busy(pulls=restored().pulls)
    kit.sync(transport=centre)

    assert ([each.content for each in centre.uploads], kept(kit)) == ([b"photo"], sorted(held[1:]))
    assert not [each for each in outside.waits if each >= 3_600]


def test_many_go_in_several_requests(kit: FieldKit, outside: Any) -> None:
    rows = [(outside.new_id(), 8, [DISTRICT], [f"คน {number}"]) for number in range(250)]
    reply = page({DISTRICT: (8, None)}, table("person", ["first_name"], *rows), add=[DISTRICT], commit=8)
    kit.sync(transport=Centre(pulls=[reply]))
    centre = restored()
    kit.sync(transport=centre)
    assert [len(request.witnesses) for request in centre.witnessed] == [100, 100, 50]
