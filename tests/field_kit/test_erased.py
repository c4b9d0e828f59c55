"""What was erased at the centre leaves no trace on a device, sent or not."""

from pathlib import Path
from typing import Any

import pytest

from field_kit import FieldKit, pages
from field_kit.recovery import recover
from sync.errors import SequenceGap
from sync.messages import MutationOutcome, PushReply, PushRequest
from tests.field_kit.centre import Centre, answered, flat, page, sums, table
from tests.field_kit.device import DISTRICT, SERVER_TIME, Outside, log_of

NAME = "สมหญิง ใจกล้า"
FIELDS = ["first_name"]


@pytest.fixture
def person(kit: FieldKit, tmp_path: Path) -> str:
    """Give a person with a photo who is known to the centre, with an edit and another photo that are not sent."""
    who = kit.create("person", first_name=NAME).record
    kit.attach(who, picture(tmp_path, "สมหญิง-1.jpg"))
    rows = table("person", FIELDS, (who, 5, [DISTRICT], [NAME]))
    known = page({DISTRICT: (5, None)}, rows, add=[DISTRICT], checksums=sums(5, DISTRICT, (who, 5)))
    kit.sync(transport=Centre(pulls=[known]))
    kit.update(who, last_name="สมหญิงยิ่ง")
    kit.attach(who, picture(tmp_path, "สมหญิง-2.jpg"))
    assert [found.id for found in kit.search("สมหญิง", ["person"])] == [who]
    return str(who)


def picture(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(b"\xff\xd8" + NAME.encode() * 40)
    return path


def text_in(kit: FieldKit) -> str:
    """Return all that the file says in any table, the search index with it, as one text."""
    names = [name for (name,) in kit.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = [value for name in names for row in kit.database.rows(f'SELECT * FROM "{name}"') for value in row]
    return "\n".join(each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in found)


def gone(record: str, *buckets: str, commit: int = 8) -> Any:
    """Return the page that says a person was erased."""
    return page(
        {DISTRICT: (commit, None)},
        table("person", FIELDS, gone=[(record, commit, bucket, "erased") for bucket in buckets]),
        commit=commit,
        checksums=sums(commit, DISTRICT),
    )


def refusing(request: PushRequest) -> PushReply:
    """Answer every edit as erased."""
    return answered(request, 9, "rejected", code="erased")


def test_an_erased_person_leaves_no_trace_in_the_file(kit: FieldKit, person: str) -> None:
    centre = Centre(pushes=[refusing], pulls=[gone(person, DISTRICT)])
    kit.sync(transport=centre)
    assert "สมหญิง" not in text_in(kit)
    assert kit.get(person) is None
    assert kit.database.rows("SELECT * FROM file") == []
    assert (kit.search("สมหญิง"), kit.status().files_waiting) == ([], 0)
    assert [finding.code for finding in kit.doctor() if not finding.ok] == ["key_recoverable"]  # this one never was


def test_what_was_not_sent_goes_up_empty_and_in_its_place(kit: FieldKit, person: str) -> None:
    kit.create("person", first_name="คนอื่น")
    reply, later = gone(person, DISTRICT), Centre()
    pages.apply_page(kit.database, pages.read_checkpoint(kit.database), reply, SERVER_TIME)
    assert kit.get(person) is None
    kit.sync(transport=later)
    sent = [mutation for request in later.pushed for mutation in flat(request)]
    assert [(each.seq, each.op, each.set) for each in sent if each.record == person] == [(3, "update", {})]
    (photo,) = [each for each in sent if each.type == "attachment"]
    assert photo.data == {"owner_record": person}
    assert [each.data["first_name"] for each in sent if each.type == "person" and each.record != person] == ["คนอื่น"]


def test_the_word_of_a_push_is_enough(kit: FieldKit, person: str) -> None:
    def one_erased(request: PushRequest) -> PushReply:
        reply = answered(request, 9)
        outcomes = [
            MutationOutcome(each.id, "rejected", 9, "erased") if each.record == person else outcome
            for each, outcome in zip(flat(request), reply.outcomes, strict=True)
        ]
        return PushReply(reply.epoch, reply.applied_through, 0, 9, reply.server_time, outcomes)

    kit.sync(transport=Centre(pushes=[one_erased]))
    assert kit.get(person) is None
    assert "สมหญิง" not in text_in(kit)


def test_the_officer_sees_that_it_was_erased(kit: FieldKit, person: str) -> None:
    kit.sync(transport=Centre(pushes=[refusing], pulls=[gone(person, DISTRICT)]))
    shown = {(each.outcome, each.code) for each in kit.outbox() if each.mutation.record == person}
    assert shown == {("rejected", "erased")}


def test_a_recovery_does_not_bring_back_an_empty_shape(kit: FieldKit, person: str, outside: Outside) -> None:
    kit.sync(transport=Centre(pushes=[refusing], pulls=[gone(person, DISTRICT)]))
    recover(kit.database, SequenceGap(), outside.surroundings)
    assert kit.get(person) is None
    assert [due for (due,) in log_of(kit, "unanswered")] == [1] * 4


def test_other_records_stay_as_they_are(kit: FieldKit, person: str) -> None:
    other = kit.create("person", first_name="คนอื่น").record
    reply = gone(person, DISTRICT)
    pages.apply_page(kit.database, pages.read_checkpoint(kit.database), reply, SERVER_TIME)
    assert [found.id for found in kit.search("คนอื่น")] == [other]
