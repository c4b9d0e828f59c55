"""What goes again with a corrected creation goes once, as it was typed; and leaves the log with what it corrects."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from field_kit import FieldKit
from field_kit.identity import change_identity
from sync.messages import PushReply, PushRequest
from tests.field_kit.centre import Centre, answered, page, table
from tests.field_kit.device import CASE, DISTRICT, log_of

Refusing = Callable[[PushRequest], PushReply]


def refusing(*problems: dict[str, Any]) -> Refusing:
    """Return an answer that refuses a group: each of its edits for a problem of its own, or with the others."""

    def refuse(request: PushRequest) -> PushReply:
        reply = answered(request, outcome="rejected", code="group_rejected")
        pairs = zip(reply.outcomes, problems, strict=True)
        outcomes = [
            msgspec.structs.replace(each, code="validation_failed", errors=wrong) if wrong else each
            for each, wrong in pairs
        ]
        return msgspec.structs.replace(reply, outcomes=outcomes)

    return refuse


SHORT = {"causes": ["threat_or_assault"], "area": "5401"}
WRONG = {"area": [{"code": "unknown_area"}]}
ALONE = refusing(WRONG)


@pytest.fixture
def refused(kit: FieldKit) -> tuple[str, str]:
    """Give a refused case, and the visit that was refused with it."""
    with kit.save() as save:
        case = save.create("case", CASE)
        visit = save.create("visit", case=case, narrative="พบที่บ้าน")
    kit.sync(transport=Centre(pushes=[refusing(WRONG, {})]))
    return case, visit


def covered(kit: FieldKit, lane: str, through: int) -> None:
    """Let the centre say how much of a lane a verified backup covers."""
    kit.create(*(("emergency", SHORT) if lane == "urgent" else ("person", {"first_name": "สมชาย"})))
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, safe_through=through)]))


def kept(kit: FieldKit) -> list[tuple[str, str, int, str | None]]:
    return [each for each in log_of(kit, "type", "lane", "seq", "outcome") if each[0] != "person"]


def test_what_went_again_leaves_the_log_with_its_correction(kit: FieldKit, refused: tuple[str, str]) -> None:
    kit.update(refused[0], area="540102")
    kit.sync(transport=Centre())
    covered(kit, "normal", 5)

    assert (kept(kit), list(kit.outbox()), kit.status().rejected) == ([], [], 0)


def test_a_later_edit_sends_nothing_again_that_a_backup_covers(kit: FieldKit, refused: tuple[str, str]) -> None:
    case, _ = refused
    kit.update(case, area="540102")
    row = table("case", list(CASE), (case, 5, [DISTRICT], list(CASE.values())))
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (5, None)}, row)]))
    covered(kit, "normal", 5)
    kit.update(case, summary="หลังคาพัง")

    assert log_of(kit, "op", "record")[-1:] == [("update", case)]
    assert kept(kit) == [("case", "normal", 6, None)]


def test_a_correction_stays_in_the_log_as_long_as_what_it_corrects(kit: FieldKit) -> None:
    emergency = kit.create("emergency", SHORT).record
    kit.sync(transport=Centre(pushes=[ALONE]))
    kit.update(emergency, case=kit.create("case", CASE).record)
    kit.sync(transport=Centre())
    covered(kit, "normal", 9)
    before = kept(kit), kit.status().rejected
    covered(kit, "urgent", 1)
    covered(kit, "normal", 9)

    assert before == ([("emergency", "urgent", 1, "rejected"), ("emergency", "normal", 2, "applied")], 0)
    assert kept(kit) == [("emergency", "urgent", 2, "applied")]


def test_what_went_again_with_an_emergency_that_goes_ahead_now_is_dealt_with(kit: FieldKit) -> None:
    case = kit.create("case", CASE).record
    kit.sync(transport=Centre())
    with kit.save() as save:
        emergency = save.create("emergency", SHORT, case=case)
        save.create("visit", case=case)
    kit.sync(transport=Centre(pushes=[refusing(WRONG, {})]))
    kit.update(emergency, case=None)
    before = [(entry.lane, entry.outcome) for entry in kit.outbox()]
    kit.sync(transport=Centre())
    covered(kit, "normal", 9)

    assert before == [("urgent", None), ("normal", None)]
    assert (kept(kit), kit.status().rejected) == ([("emergency", "urgent", 1, "applied")], 0)


def test_what_was_refused_stays_until_its_correction_was_taken(kit: FieldKit, refused: tuple[str, str]) -> None:
    kit.update(refused[0], area="540103")
    kit.sync(transport=Centre(pushes=[refusing(WRONG, {})]))
    covered(kit, "normal", 5)

    assert [seq for _, _, seq, _ in kept(kit)] == [1, 2, 3, 4]


def test_what_was_refused_with_two_creations_goes_again_with_the_first_that_is_corrected(kit: FieldKit) -> None:
    with kit.save() as save:
        case, other = save.create("case", CASE), save.create("case", CASE)
        visit = save.create("visit", case=case)
    kit.sync(transport=Centre(pushes=[refusing(WRONG, WRONG, {})]))
    kit.update(case, area="540102")
    kit.sync(transport=Centre(pushes=[refusing(WRONG, {})]))
    kit.update(other, area="540102")

    assert log_of(kit, "op", "record")[3:] == [("create", case), ("create", visit), ("create", other)]


def dated(kit: FieldKit) -> list[tuple[Any, ...]]:
    """Return of each edit the days that nobody typed, and what the centre tells them from."""
    found = [entry.mutation for entry in kit.outbox(everything=True)]
    return [(made.type, made.assumed, made.recorded_at, made.contacted_at) for made in found]


def days_later(kit: FieldKit, outside: Any) -> None:
    outside.clock = outside.clock.replace(day=27)
    with kit.database.transaction():
        change_identity(kit.database, last_contact="2026-11-26T03:00:00.000Z")


def test_a_day_that_nobody_typed_stays_of_the_time_at_which_it_was_filled_in(
    kit: FieldKit, refused: tuple[str, str], outside: Any
) -> None:
    days_later(kit, outside)
    kit.update(refused[0], area="540102")

    case, visit, *again = dated(kit)
    assert [case[:2], visit[:2]] == [("case", ["received_on"]), ("visit", ["visited_on"])]
    assert again == [case, visit]


def test_a_day_that_is_typed_into_a_corrected_creation_is_nobodys_guess(
    kit: FieldKit, refused: tuple[str, str], outside: Any
) -> None:
    days_later(kit, outside)
    kit.update(refused[0], area="540102", received_on="2026-11-20")

    _, visit, (kind, assumed, recorded_at, contacted_at), again = dated(kit)
    assert (kind, assumed, recorded_at[:10], contacted_at[:10]) == ("case", [], "2026-11-27", "2026-11-26")
    assert again == visit
