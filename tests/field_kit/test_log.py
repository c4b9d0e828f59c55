"""The log: numbers, groups, bases; nothing leaves it that a backup does not cover."""

import msgspec
import pytest

from field_kit import FieldKit
from field_kit.errors import SaveTooLarge
from field_kit.identity import change_identity
from sync.messages import Limits, PushReply, PushRequest
from tests.field_kit.centre import Centre, answered, flat, page, sent, table
from tests.field_kit.device import CASE, DISTRICT, log_of, seen

FIELDS = ["intake_channel", "intake_district", "area", "received_on", "reference_number", "place_text", "status"]
ROW = ["walk_in", "5401", "540101", "2026-11-23", "3K7M-20XP-48RWY", "ตลาด", "received"]


def arrived(kit: FieldKit, record: str, version: int, **values: str) -> None:
    """Let a pull bring a case."""
    row = [values.get(name, value) for name, value in zip(FIELDS, ROW, strict=True)]
    kit.sync(
        transport=Centre(
            pulls=[
                page(
                    {DISTRICT: (version, None)},
                    table("case", FIELDS, (record, version, [DISTRICT], row)),
                    commit=version,
                )
            ]
        )
    )


def refused_together(request: PushRequest) -> PushReply:
    """Refuse the first of a group for its day, and the other with it."""
    reply = answered(request, outcome="rejected", code="validation_failed", commit=15)
    first, second = reply.outcomes
    errors = {"visited_on": [{"code": "after_receipt"}]}
    mates = [msgspec.structs.replace(first, errors=errors), msgspec.structs.replace(second, code="group_rejected")]
    return msgspec.structs.replace(reply, outcomes=mates)


def test_a_save_of_several_records_is_one_group(kit: FieldKit) -> None:
    with kit.save() as save:
        person = save.create("person", first_name="สมชาย")
        case = save.create("case", CASE, affected_person=person)
        save.create("visit", case=case)
    kit.create("person", first_name="สมหญิง")
    centre = Centre()

    kit.sync(transport=centre)

    assert [len(group) for group in sent(centre.pushed[0])] == [3, 1]
    assert [mutation.seq for mutation in flat(centre.pushed[0])] == [1, 2, 3, 4]


def test_an_emergency_goes_first_and_by_itself(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")
    with kit.save() as save:
        save.create("person", first_name="สมหญิง")
        emergency = save.create("emergency", causes=["threat_or_assault"], area="5401")
    centre = Centre()

    kit.sync(transport=centre)

    assert [(push.lane, [m.record for m in flat(push)] == [emergency]) for push in centre.pushed] == [
        ("urgent", True),
        ("normal", False),
    ]
    assert [(m.seq, m.type) for m in flat(centre.pushed[0])] == [(1, "emergency")]


def test_base_is_the_version_shown_when_nothing_was_pending(kit: FieldKit, outside) -> None:
    record = outside.new_id()
    arrived(kit, record, 10)

    kit.update(record, status="assigned")

    assert log_of(kit, "base") == [(10,)]


def test_base_repeats_the_oldest_pending_one_and_never_moves_on_rebase(kit: FieldKit, outside) -> None:
    record = outside.new_id()
    arrived(kit, record, 10)
    kit.update(record, status="assigned")
    # a page arrives while the first edit is still pending: its push was lost
    kit.sync(
        transport=Centre(
            pushes=[lambda request: answered(request, commit=99)],
            pulls=[page({DISTRICT: (20, None)}, table("case", FIELDS, (record, 20, [DISTRICT], ROW)), commit=20)],
        )
    )

    kit.update(record, place_text="วัด")

    assert log_of(kit, "base", "state") == [(10, "answered"), (10, "pending")]


def test_base_moves_once_nothing_is_pending(kit: FieldKit, outside) -> None:
    record = outside.new_id()
    arrived(kit, record, 10)
    kit.update(record, status="assigned")
    kit.sync(
        transport=Centre(
            pushes=[lambda request: answered(request, commit=20)],
            pulls=[page({DISTRICT: (20, None)}, table("case", FIELDS, (record, 20, [DISTRICT], ROW)), commit=20)],
        )
    )

    kit.update(record, place_text="วัด")

    assert log_of(kit, "base", "state") == [(10, "settled"), (20, "pending")]


def test_base_is_the_lowest_one_where_something_goes_again_with_a_corrected_creation(kit: FieldKit, outside) -> None:
    record = outside.new_id()
    arrived(kit, record, 10)
    with kit.save() as save:
        visit = save.create("visit", case=record, visited_on="2027-11-23")
        save.update(record, place_text="วัด")
    row = page({DISTRICT: (20, None)}, table("case", FIELDS, (record, 20, [DISTRICT], ROW)), commit=20)
    kit.sync(transport=Centre(pushes=[refused_together], pulls=[row]))
    kit.update(record, status="assigned")
    kit.update(visit, visited_on="2026-11-20")

    kit.update(record, place_text="โรงเรียน")

    assert log_of(kit, "op", "base")[2:] == [("update", 20), ("create", 0), ("update", 10), ("update", 10)]


def test_edits_of_a_record_made_here_have_base_0_until_it_comes_back(kit: FieldKit) -> None:
    case = kit.create("case", CASE).record

    kit.update(case, status="assigned")

    assert log_of(kit, "op", "base") == [("create", 0), ("update", 0)]


def test_from_is_what_the_overlay_showed(kit: FieldKit) -> None:
    case = kit.create("case", CASE, status="received").record
    kit.update(case, status="assigned")
    kit.update(case, status="in_progress")

    edits = [entry.mutation.set for entry in kit.outbox()[1:]]

    assert edits == [{"status": ("received", "assigned")}, {"status": ("assigned", "in_progress")}]


def test_a_save_larger_than_a_push_is_refused_and_nothing_of_it_is_kept(kit: FieldKit) -> None:
    with kit.database.transaction():
        change_identity(kit.database, limits=Limits(mutations=2))

    with pytest.raises(SaveTooLarge), kit.save() as save:
        for _ in range(3):
            save.create("person", first_name="สมชาย")

    assert log_of(kit, "id") == []
    assert kit.create("person", first_name="สมชาย").mutations


def test_a_value_larger_than_a_push_is_refused(kit: FieldKit) -> None:
    with kit.database.transaction():
        change_identity(kit.database, limits=Limits(bytes=5_000))

    with pytest.raises(SaveTooLarge):
        kit.create("person", health_notes="ก" * 2_000)


def test_the_log_is_pruned_only_up_to_safe_through(kit: FieldKit) -> None:
    for name in ("หนึ่ง", "สอง", "สาม"):
        kit.create("person", first_name=name)
    kit.sync(transport=Centre())
    kit.create("person", first_name="สี่")
    centre = Centre(pushes=[lambda request: answered(request, safe_through=2)])

    kit.sync(transport=centre)

    assert log_of(kit, "seq", "state") == [(3, "settled"), (4, "settled")]


def test_a_push_after_pruning_still_names_the_mutation_before(kit: FieldKit) -> None:
    kit.create("person", first_name="หนึ่ง")
    [(first,)] = log_of(kit, "id")
    kit.sync(transport=Centre())
    centre = Centre(pushes=[lambda request: answered(request, safe_through=1)])
    kit.create("person", first_name="สอง")
    kit.sync(transport=centre)
    kit.create("person", first_name="สาม")
    [(second,), _] = log_of(kit, "id")
    kit.database.execute("DELETE FROM mutation WHERE seq = 2")
    kit.database.execute("UPDATE lane SET pruned_seq = 2, pruned_id = ? WHERE name = 'normal'", (second,))

    kit.sync(transport=centre)

    assert (centre.pushed[0].after.seq, centre.pushed[0].after.id) == (1, first)
    assert (centre.pushed[1].after.seq, centre.pushed[1].after.id) == (2, second)


def test_refused_work_stays_until_its_author_has_dealt_with_it(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย").record
    refused = lambda request: answered(request, outcome="rejected", code="not_permitted")  # noqa: E731
    kit.sync(transport=Centre(pushes=[refused]))
    kit.create("person", first_name="สมหญิง")

    kit.sync(transport=Centre(pushes=[lambda request: answered(request, safe_through=2)]))

    assert [(entry.mutation.record == person, entry.outcome) for entry in kit.outbox()] == [(True, "rejected")]


def test_a_refused_new_record_is_sent_anew_when_its_author_corrects_it(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย", last_name="ใจดี").record
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, outcome="rejected", code="validation_failed")]))
    assert kit.get(person) is None

    kit.update(person, last_name="ดีใจ")

    assert seen(kit, person).data == {"first_name": "สมชาย", "last_name": "ดีใจ"}
    assert log_of(kit, "op", "record", "seq") == [("create", person, 1), ("create", person, 2)]
