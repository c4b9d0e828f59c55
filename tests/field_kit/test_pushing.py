"""An emergency goes first, whenever it is saved; what is too long or hangs on another record is no such one."""

from typing import Any

import msgspec
import pytest

from field_kit import FieldKit
from field_kit.errors import EmergencyTooLarge
from field_kit.identity import change_identity
from sync.messages import Limits
from tests.field_kit.centre import Centre, answered, page, table
from tests.field_kit.device import CASE, DISTRICT

ONE_AT_A_TIME = Limits(mutations=1, bytes=100_000)
EMERGENCY: dict[str, Any] = {"causes": ["threat_or_assault"], "area": "5401"}


def lanes(centre: Centre) -> list[str]:
    return [push.lane for push in centre.pushed]


def test_an_emergency_saved_during_a_push_goes_before_the_next_one(kit: FieldKit) -> None:
    for number in range(3):
        kit.create("person", first_name=f"สมชาย {number}")

    def busy(request: Any) -> Any:
        if not [push for push in centre.pushed if push.lane == "urgent"]:
            kit.create("emergency", EMERGENCY)
        return msgspec.structs.replace(answered(request), limits=ONE_AT_A_TIME)

    change_identity(kit.database, limits=ONE_AT_A_TIME)
    centre = Centre(pushes=[busy] * 4)
    kit.sync(transport=centre)
    assert lanes(centre) == ["normal", "urgent", "normal", "normal"]


def test_an_emergency_saved_during_a_pull_goes_before_the_next_page(kit: FieldKit, outside: Any) -> None:
    seen: list[str] = []

    def first(_: Any) -> Any:
        kit.create("emergency", EMERGENCY)
        rows = table("person", ["first_name"], (outside.new_id(), 3, [DISTRICT], ["สมชาย"]))
        return page({DISTRICT: (3, None)}, rows, add=[DISTRICT], complete=False)

    def second(request: Any) -> Any:
        seen.extend(lanes(centre))
        return page(request.checkpoint)

    centre = Centre(pulls=[first, second])
    kit.sync(transport=centre)
    assert seen == ["urgent"]


def test_an_emergency_that_names_a_case_goes_with_the_case(kit: FieldKit) -> None:
    with kit.save() as save:
        case = save.create("case", CASE)
        save.create("emergency", EMERGENCY | {"case": case})
    centre = Centre()
    kit.sync(transport=centre)
    assert [(push.lane, [len(group) for group in push.groups]) for push in centre.pushed] == [("normal", [2])]


def test_an_emergency_too_long_to_get_through_first_is_not_saved(kit: FieldKit) -> None:
    with pytest.raises(EmergencyTooLarge):
        kit.create("emergency", EMERGENCY | {"note": "ก" * 1000, "danger_notes": "ข" * 500})
    assert list(kit.outbox()) == []
    kit.create("emergency", EMERGENCY | {"note": "ก" * 1000})
