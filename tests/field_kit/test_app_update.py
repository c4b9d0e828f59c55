"""After an app update the device shows what it showed, sends its log as it was written, and fetches what is new."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from field_kit import FieldKit
from field_kit.errors import ProgramTooOld
from schemas.history import HISTORY as REAL
from schemas.history import History
from sync.messages import MutationOutcome, PushReply, PushRequest
from tests.field_kit.centre import Centre, answered, flat, page, sums, table
from tests.field_kit.device import CASE, DISTRICT, KEY, Crash, Outside, begin, dying, log_of, seen
from tests.schemas.old_version import HISTORY

OLD, NEW = REAL.current, HISTORY.current
A, B, C, X = (f"01a00000-0000-7000-8000-00000000000{letter}" for letter in "abcf")


def opened(path: Path, outside: Outside, history: History) -> FieldKit:
    return FieldKit.open_with_key(path, KEY, outside.surroundings, history=history)


def sync(kit: FieldKit, centre: Centre) -> None:
    kit.sync(transport=centre)  # type: ignore[arg-type]


OLD_CASE = {"received_on": "2026-11-20", "priority": "high", "problems": ["abuse", "other"], "place_name": "วัดหลวง"}
CONFLICT = {
    "record": A,
    "record_type": "case",
    "field": "priority",
    "privacy": "normal",
    "status": "open",
    "central_value": "high",
}


def old_pages(fields: dict[str, Any] | None = None) -> Any:
    """Return what the centre shows a device of the schema before: a case, a conflict, and what it cannot know."""
    case = fields or OLD_CASE
    return page(
        {DISTRICT: (5, None)},
        table("case", [*case], (A, 3, [DISTRICT], [*case.values()])),
        table("conflict", [*CONFLICT], (B, 4, [DISTRICT], [*CONFLICT.values()])),
        table("contact", [], (C, 5, [DISTRICT], [])),
        add=[DISTRICT],
        checksums=sums(5, DISTRICT, (A, 3), (B, 4), (C, 5)),
    )


def log_by_hand(kit: FieldKit, op: str, record: str, base: int, **payload: Any) -> None:
    """Log an edit as the program of the schema before did."""
    seq = kit.database.value("UPDATE lane SET last_seq = last_seq + 1 WHERE name = 'normal' RETURNING last_seq")
    kit.database.execute(
        """INSERT INTO mutation (id, seq, lane, save, op, type, record, base, payload, recorded_at)
        VALUES (?, ?, 'normal', ?, ?, 'case', ?, ?, ?, '2026-11-23T03:00:00.000Z')""",
        (
            f"01a00000-0000-7000-8000-0000000001{seq:02}",
            seq,
            f"save {seq}",
            op,
            record,
            base,
            msgspec.json.encode({**payload, "schema": OLD}).decode(),
        ),
    )


@pytest.fixture
def path(tmp_path: Path, outside: Outside) -> Path:
    """A file that a program of the schema before has used: rows from the centre, and work not yet sent."""
    path = begin(tmp_path, outside)
    with opened(path, outside, REAL) as kit:
        sync(kit, Centre(pulls=[old_pages()]))
        log_by_hand(kit, "update", A, 3, set={"priority": ["high", "most_urgent"], "place_name": ["วัดหลวง", "วัดใต้"],
                                               "landmark": [None, "ศาลา"]}, add={"problems": ["work"]})  # fmt: skip
        log_by_hand(kit, "create", X, 0, data={**CASE, "priority": "high", "received_on": "2026-11-22"})
    return path


SHOWN = {
    "received_on": "2026-11-20",
    "urgency": "most_urgent",
    "problems": ["income_livelihood", "other", "violence"],
    "place_text": "วัดใต้|ศาลา",
}


def test_rows_and_unsent_work_are_shown_in_the_new_words(path: Path, outside: Outside) -> None:
    with opened(path, outside, HISTORY) as kit:
        assert seen(kit, A).data == SHOWN
        assert seen(kit, B).data == {**CONFLICT, "field": "urgency", "central_value": "urgent"}
        assert seen(kit, X).data == {**CASE, "urgency": "urgent", "received_on": "2026-11-22"}
        assert [(each.id, each.unsent) for each in kit.list("case", urgency="urgent")] == [(X, True)]


def test_everything_can_be_found_under_the_new_names(path: Path, outside: Outside) -> None:
    with opened(path, outside, HISTORY) as kit:
        assert [each.id for each in kit.search("ศาลา")] == [A]
        assert [each.id for each in kit.search("วัดหลวง")] == []


def test_the_log_is_not_touched_and_goes_up_as_it_was_written(path: Path, outside: Outside) -> None:
    with opened(path, outside, REAL) as kit:
        before = log_of(kit, "*")
    centre = Centre()
    with opened(path, outside, HISTORY) as kit:
        assert log_of(kit, "*") == before
        sync(kit, centre)
    request = centre.pushed[0]
    first, second = flat(request)

    assert (request.schema, first.schema, second.schema) == (NEW, OLD, OLD)
    assert first.set == {
        "priority": ("high", "most_urgent"),
        "place_name": ("วัดหลวง", "วัดใต้"),
        "landmark": (None, "ศาลา"),
    }
    assert (first.add, first.base, second.data["priority"]) == ({"problems": ["work"]}, 3, "high")


def test_what_is_written_from_now_on_is_of_the_new_schema(path: Path, outside: Outside) -> None:
    centre = Centre()
    with opened(path, outside, HISTORY) as kit:
        kit.update(A, urgency="normal", place_text="วัดเหนือ")
        sync(kit, centre)
    edit = flat(centre.pushed[0])[-1]

    assert (edit.schema, edit.base) == (NEW, 3)
    assert edit.set == {"urgency": ("most_urgent", "normal"), "place_text": ("วัดใต้|ศาลา", "วัดเหนือ")}


def fields_now(**more: Any) -> dict[str, Any]:
    return {"received_on": "2026-11-20", "urgency": "urgent", "problems": ["other", "violence"], **more}


def test_every_bucket_is_fetched_again_and_new_fields_arrive(path: Path, outside: Outside) -> None:
    now = fields_now(place_text="วัดหลวง", danger_notes="สุนัขดุ")
    contact = {"channel": "walk_in", "received_on": "2026-11-20"}
    again = page(
        {DISTRICT: (5, None)},
        table("case", [*now], (A, 3, [DISTRICT], [*now.values()])),
        table("conflict", ["record"], (B, 4, [DISTRICT], [A])),
        table("contact", [*contact], (C, 5, [DISTRICT], [*contact.values()])),
        checksums=sums(5, DISTRICT, (A, 3), (B, 4), (C, 5)),
    )
    centre = Centre(pushes=[lambda request: held(request)], pulls=[again])
    with opened(path, outside, HISTORY) as kit:
        assert seen(kit, C).data == {}
        sync(kit, centre)

        assert [each.checkpoint for each in centre.pulled] == [{DISTRICT: (0, None)}]
        assert centre.pulled[0].schema == NEW
        assert seen(kit, C).data == contact
        assert seen(kit, A).data["danger_notes"] == "สุนัขดุ"
        assert kit.database.rows("SELECT commit_number, refetch FROM checkpoint") == [(5, 0)]


def held(request: PushRequest) -> PushReply:
    return answered(request, commit=9)


def test_a_row_that_is_gone_from_the_bucket_goes_when_it_was_fetched_again(path: Path, outside: Outside) -> None:
    now = fields_now()
    again = page(
        {DISTRICT: (6, None)},
        table("case", [*now], (A, 3, [DISTRICT], [*now.values()])),
        commit=6,
        checksums=sums(6, DISTRICT, (A, 3)),
    )
    with opened(path, outside, HISTORY) as kit:
        assert {B, C} <= {each for (each,) in kit.database.rows("SELECT id FROM record")}
        sync(kit, Centre(pulls=[again]))
        assert [each for (each,) in kit.database.rows("SELECT id FROM record")] == [A]


def test_a_refusal_in_the_old_words_is_shown_in_the_new(path: Path, outside: Outside) -> None:
    def refuse(request: PushRequest) -> PushReply:
        reply = answered(request)
        errors = {"priority": [{"code": "unknown_code"}], "place": [{"code": "too_long"}]}
        refused = MutationOutcome(reply.outcomes[0].id, "rejected", 5, "validation_failed", errors)
        return msgspec.structs.replace(reply, outcomes=[refused, *reply.outcomes[1:]])

    with opened(path, outside, HISTORY) as kit:
        sync(kit, Centre(pushes=[refuse]))
        [entry] = [each for each in kit.outbox() if each.outcome == "rejected"]

    assert entry.detail["errors"] == {"urgency": [{"code": "unknown_code"}], "place_text": [{"code": "too_long"}]}
    assert entry.mutation.set["urgency"] == ("urgent", "most_urgent")


def test_a_refused_creation_is_corrected_in_the_new_words(path: Path, outside: Outside) -> None:
    def refuse(request: PushRequest) -> PushReply:
        return answered(request, outcome="rejected", code="validation_failed")

    centre = Centre(pushes=[refuse])
    with opened(path, outside, HISTORY) as kit:
        sync(kit, centre)
        kit.update(X, urgency="most_urgent")
        [last] = log_of(kit, "op", "payload")[-1:]

    assert last[0] == "create"
    assert msgspec.json.decode(last[1])["data"]["urgency"] == "most_urgent"
    assert msgspec.json.decode(last[1])["schema"] == NEW


def test_it_is_done_once(path: Path, outside: Outside) -> None:
    with opened(path, outside, HISTORY) as kit:
        sync(kit, Centre(pushes=[held]))
        done = kit.database.rows("SELECT * FROM checkpoint")
    with opened(path, outside, HISTORY) as kit:
        assert kit.identity.schema == NEW
        assert kit.database.rows("SELECT * FROM checkpoint") == done


def test_an_older_program_leaves_the_file_alone(path: Path, outside: Outside) -> None:
    opened(path, outside, HISTORY).close()

    with pytest.raises(ProgramTooOld):
        opened(path, outside, REAL)

    with opened(path, outside, HISTORY) as kit:
        assert seen(kit, A).data == SHOWN


def test_a_new_device_is_of_this_programs_schema(tmp_path: Path, outside: Outside) -> None:
    with opened(begin(tmp_path, outside), outside, REAL) as kit:
        assert kit.identity.schema == REAL.current


# --- what only a newer program knows


def test_fields_and_types_unknown_here_survive_an_edit(tmp_path: Path, outside: Outside) -> None:
    case = {"received_on": "2026-11-20", "urgency": "urgent", "from_the_future": {"deep": [1, 2]}}
    first = page(
        {DISTRICT: (5, None)},
        table("case", [*case], (A, 3, [DISTRICT], [*case.values()])),
        table("hovercraft", ["name"], (B, 4, [DISTRICT], ["ลำที่หนึ่ง"])),
        add=[DISTRICT],
        checksums=sums(5, DISTRICT, (A, 3), (B, 4)),
    )
    centre = Centre(pulls=[first])
    with opened(begin(tmp_path, outside), outside, REAL) as kit:
        sync(kit, centre)
        kit.update(A, urgency="normal")

        assert seen(kit, A).data == {**case, "urgency": "normal"}
        assert seen(kit, B).data == {"name": "ลำที่หนึ่ง"}
        sync(kit, centre)
        assert flat(centre.pushed[-1])[0].set == {"urgency": ("urgent", "normal")}


@pytest.mark.parametrize("dies_at", range(12))
def test_a_program_that_dies_during_the_update_has_changed_nothing(path: Path, outside: Outside, dies_at: int) -> None:
    from field_kit.app_update import bring_up

    with opened(path, outside, REAL) as kit:
        before = kit.database.rows("SELECT * FROM record"), kit.database.rows("SELECT * FROM meta")
        kit.database.history = HISTORY
        revive: Callable[[], None] = dying(kit, dies_at)
        died = False
        try:
            bring_up(kit.database)
        except Crash:
            died = True
        revive()
        if kit.database.connection.in_transaction:
            kit.database.execute("ROLLBACK")
        after = kit.database.rows("SELECT * FROM record"), kit.database.rows("SELECT * FROM meta")

        assert (after == before) is died
        kit.database.history = HISTORY
        bring_up(kit.database)
        assert seen(kit, A).data == SHOWN
