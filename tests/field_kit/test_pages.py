"""A page: all of it or nothing, the right rows gone, the right fields gone, sums that agree."""

import pytest

from field_kit import FieldKit, pages
from sync.messages import PullReply
from tests.field_kit.centre import Centre, flat, page, sums, table
from tests.field_kit.device import DISTRICT, DUTY, TEAM, Crash, dying, log_of, seen

FIELDS = ["area", "status", "problems", "place_text"]
ROW = ["540101", "received", ["violence"], "ตลาด"]


def apply(kit: FieldKit, reply: PullReply) -> pages.Applied:
    return pages.apply_page(kit.database, pages.read_checkpoint(kit.database), reply, "2026-11-23T03:00:00.000Z")


def state(kit: FieldKit) -> dict[str, list[tuple[object, ...]]]:
    names = ("record", "membership", "checkpoint", "mutation", "fresh_membership", "search_due", "searchable", "meta")
    return {name: sorted(kit.database.rows(f"SELECT * FROM {name}"), key=repr) for name in names}


@pytest.fixture
def held(kit: FieldKit, outside) -> list[str]:
    """Give three cases on the device: in the district, in district and team, in duty alone."""
    a, b, c = (outside.new_id() for _ in range(3))
    rows = [(a, 3, [DISTRICT], ROW), (b, 4, [DISTRICT, TEAM], ROW), (c, 5, [DUTY], ["540101", "received", None, None])]
    checkpoint = {DISTRICT: (5, None), TEAM: (5, None), DUTY: (5, None)}
    apply(kit, page(checkpoint, table("case", FIELDS, *rows), add=[DISTRICT, TEAM, DUTY]))
    return [a, b, c]


def busy_page(held: list[str], new: str) -> PullReply:
    """Return a page that does everything a page can do."""
    a, b, c = held
    rows = [(new, 9, [DISTRICT], ROW), (c, 8, [DUTY, DISTRICT], ROW)]
    gone = [(a, 7, DISTRICT, "moved"), (b, 7, DISTRICT, "moved")]
    checkpoint = {DISTRICT: (9, None), "district:5402": (9, None), DUTY: (9, None)}
    return page(checkpoint, table("case", FIELDS, *rows, gone=gone), commit=9, add=["district:5402"], drop=[TEAM])


def test_a_page_is_stored_whole_or_not_at_all_wherever_the_program_dies(
    kit: FieldKit, held: list[str], outside
) -> None:
    kit.create("person", first_name="สมชาย")
    new = outside.new_id()
    before, deaths = state(kit), 0

    while True:
        revive = dying(kit, deaths)
        try:
            apply(kit, busy_page(held, new))
        except Crash:
            revive()
            if kit.database.connection.in_transaction:
                kit.database.connection.execute("ROLLBACK")
            assert state(kit) == before, f"dying before statement {deaths} left something behind"
            deaths += 1
        else:
            revive()
            break

    assert deaths > 15
    assert state(kit) != before


def test_rows_are_kept_without_nulls_and_with_their_version(kit: FieldKit, held: list[str]) -> None:
    assert seen(kit, held[2]).data == {"area": "540101", "status": "received"}
    assert [seen(kit, record).version for record in held] == [3, 4, 5]


def test_a_record_whose_last_bucket_ended_is_evicted_at_once(kit: FieldKit, held: list[str]) -> None:
    applied = apply(kit, page({DISTRICT: (7, None)}, table("case", [], gone=[(held[0], 7, DISTRICT, "moved")])))

    assert (applied.evicted, kit.get(held[0])) == (1, None)


def test_a_record_in_two_buckets_survives_leaving_one(kit: FieldKit, held: list[str]) -> None:
    apply(kit, page({DISTRICT: (7, None)}, table("case", [], gone=[(held[1], 7, DISTRICT, "moved")])))

    assert seen(kit, held[1]).data["problems"] == ["violence"]


def test_a_bucket_brought_twice_is_left_once(kit: FieldKit, held: list[str]) -> None:
    again = (held[0], 6, [DISTRICT], ROW)
    apply(kit, page({DISTRICT: (6, None)}, table("case", FIELDS, again)))

    apply(kit, page({DISTRICT: (7, None)}, table("case", [], gone=[(held[0], 7, DISTRICT, "moved")])))

    assert kit.get(held[0]) is None


def test_fields_that_no_remaining_bucket_carries_are_deleted(kit: FieldKit, held: list[str], outside) -> None:
    record = outside.new_id()
    apply(kit, page({DISTRICT: (6, None)}, table("case", FIELDS, (record, 6, [DISTRICT, DUTY], ROW))))
    assert seen(kit, record).data["problems"] == ["violence"]

    apply(kit, page({DISTRICT: (7, None)}, table("case", [], gone=[(record, 7, DISTRICT, "moved")])))

    assert seen(kit, record).data == {"area": "540101", "status": "received"}


def test_what_was_masked_can_no_longer_be_found(kit: FieldKit, held: list[str], outside) -> None:
    record = outside.new_id()
    apply(
        kit,
        page(
            {DISTRICT: (6, None)},
            table("case", FIELDS, (record, 6, [DISTRICT, DUTY], ["540101", "received", None, "ศาลาวัดร้าง"])),
        ),
    )
    assert [found.id for found in kit.search("วัดร้าง")] == [record]

    apply(kit, page({DISTRICT: (7, None)}, table("case", [], gone=[(record, 7, DISTRICT, "moved")])))

    assert kit.search("วัดร้าง") == []
    assert kit.database.rows("SELECT 1 FROM searchable WHERE text LIKE '%วัดร้าง%'") == []


def test_a_dropped_bucket_takes_its_records_along(kit: FieldKit, held: list[str]) -> None:
    applied = apply(kit, page({DUTY: (9, None)}, drop=[DISTRICT]))

    assert applied.evicted == 1
    assert [kit.get(record) is None for record in held] == [True, False, False]
    assert DISTRICT not in pages.read_checkpoint(kit.database)


def test_the_values_of_a_conflict_are_as_private_as_the_field_they_were_meant_for(kit: FieldKit, outside) -> None:
    conflict = outside.new_id()
    fields = ["record", "record_type", "field", "privacy", "status", "central_value"]
    values = [outside.new_id(), "case", "problems", "sensitive", "open", ["violence"]]
    apply(
        kit,
        page(
            {DISTRICT: (6, None)},
            table("conflict", fields, (conflict, 6, [DISTRICT, DUTY], values)),
            add=[DISTRICT, DUTY],
        ),
    )

    apply(kit, page({DUTY: (7, None)}, drop=[DISTRICT]))

    assert "central_value" not in seen(kit, conflict).data
    assert seen(kit, conflict).data["field"] == "problems"


def test_a_page_for_a_checkpoint_that_is_no_longer_current_is_discarded(
    kit: FieldKit, held: list[str], outside
) -> None:
    asked = pages.read_checkpoint(kit.database)
    apply(kit, page({DISTRICT: (6, None)}))
    before = state(kit)

    late = page({DISTRICT: (5, "x")}, table("case", FIELDS, (outside.new_id(), 5, [DISTRICT], ROW)))
    applied = pages.apply_page(kit.database, asked, late, "2026-11-23T03:00:00.000Z")

    assert not applied.current
    assert state(kit) == before


def test_a_type_that_this_version_does_not_know_is_kept_opaque(kit: FieldKit, outside) -> None:
    record = outside.new_id()

    apply(kit, page({DISTRICT: (6, None)}, table("drone_flight", [], (record, 6, [DISTRICT], [])), add=[DISTRICT]))

    assert (seen(kit, record).type, seen(kit, record).version, seen(kit, record).data) == ("drone_flight", 6, {})


def test_sums_are_kept_by_adding_and_subtracting(kit: FieldKit, held: list[str], outside) -> None:
    new = outside.new_id()
    reply = busy_page(held, new)
    expected = sums(9, DISTRICT, (new, 9), (held[2], 8)) | sums(9, DUTY, (held[2], 8)) | sums(9, "district:5402")

    applied = apply(
        kit, PullReply(**{name: getattr(reply, name) for name in reply.__struct_fields__} | {"checksums": expected})
    )

    assert applied.mismatched == []
    assert all(finding.ok for finding in kit.doctor() if finding.code == "buckets_equal")


def test_a_new_record_that_comes_twice_on_a_page_is_counted_once(kit: FieldKit, held: list[str], outside) -> None:
    new = outside.new_id()
    row = (new, 9, [DISTRICT, TEAM], ROW)
    checkpoint = {DISTRICT: (9, None), TEAM: (9, None), DUTY: (9, None)}
    expected = sums(9, TEAM, (held[1], 4), (new, 9)) | sums(9, DISTRICT, (held[0], 3), (held[1], 4), (new, 9))

    applied = apply(kit, page(checkpoint, table("case", FIELDS, row, row), commit=9, checksums=expected))

    assert applied.mismatched == []


def test_a_bucket_fetched_again_replaces_the_old_set_only_when_complete(kit: FieldKit, held: list[str]) -> None:
    a, b, _ = held
    pages.refetch(kit.database, [DISTRICT])
    checkpoint = {DISTRICT: (4, b)}

    apply(kit, page(checkpoint, table("case", FIELDS, (b, 4, [DISTRICT, TEAM], ROW)), complete=False))
    halfway = kit.get(a)
    apply(kit, page({DISTRICT: (9, None)}, commit=9))

    assert halfway is not None
    assert kit.get(a) is None
    assert seen(kit, b).data["status"] == "received"
    assert kit.database.rows("SELECT * FROM fresh_membership") == []


def test_a_pending_edit_of_an_evicted_record_survives_and_still_goes_up(kit: FieldKit, held: list[str]) -> None:
    kit.update(held[0], status="assigned")
    apply(kit, page({DISTRICT: (7, None)}, table("case", [], gone=[(held[0], 7, DISTRICT, "moved")])))
    centre = Centre()

    kit.sync(transport=centre)

    assert kit.get(held[0]) is None
    assert [(m.op, m.record, m.base, m.set) for m in flat(centre.pushed[0])] == [
        ("update", held[0], 3, {"status": ("received", "assigned")})
    ]
    assert log_of(kit, "state", "outcome") == [("settled", "applied")]
