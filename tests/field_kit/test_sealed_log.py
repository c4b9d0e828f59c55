"""What was written about a record that left can be read by the centre alone, and still travels."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from field_kit import FieldKit, pages
from field_kit.errors import UnknownRecord
from server.store.arrival import groups_of
from sync.errors import DeviceForked, EpochChanged
from sync.messages import Limits, MutationOutcome, PullReply, PushReply, PushRequest
from sync.mutation import Malformed, read, sealed_in
from sync.unsent import is_authentic, mac_key, work_in
from tests.field_kit.centre import Centre, answered, page, sums, table
from tests.field_kit.device import CASE, DISTRICT, log_of, seen
from tests.field_kit.sealed import KEYS, know_centre

SECRET = "พ่อเมาทำร้ายแม่"


@pytest.fixture
def visit(kit: FieldKit, outside) -> str:
    """Give a case that the device holds, with an edit of its own that the centre has taken."""
    know_centre(kit)
    case = outside.new_id()
    kit.sync(transport=Centre(pulls=[held(case, 3)]))
    kit.update(case, summary=SECRET)
    kit.sync(transport=Centre(pulls=[held(case, 5, SECRET)]))
    return str(case)


def held(case: str, commit: int, *values: str) -> PullReply:
    fields = ["area", "summary"] if values else ["area"]
    return page({DISTRICT: (commit, None)}, table("case", fields, (case, commit, [DISTRICT], ["540101", *values])))


def left(case: str, commit: int = 9) -> PullReply:
    return page({DISTRICT: (commit, None)}, table("case", [], gone=[(case, commit, DISTRICT, "moved")]), commit=commit)


def opened(request: PushRequest) -> list[dict[str, Any]]:
    """Return the mutations of a push as the centre reads them."""
    found = []
    for raw in (each for group in request.groups for each in group):
        sealed = sealed_in(raw) if isinstance(read(raw), Malformed) else None
        found.append(msgspec.json.decode(KEYS.open_mutation(sealed.sealed) or b"" if sealed else raw))
    return found


def test_settled_edits_of_a_record_that_leaves_are_sealed(kit: FieldKit, visit: str) -> None:
    assert seen(kit, visit).data["summary"] == SECRET
    kit.sync(transport=Centre(pulls=[left(visit)]))

    [(payload, sealed)] = log_of(kit, "payload", "sealed")
    assert payload == "{}"
    assert msgspec.json.decode(KEYS.open_mutation(sealed) or b"")["set"] == {"summary": [None, SECRET]}
    assert SECRET not in repr([kit.database.rows(f"SELECT * FROM {name}") for name in ("mutation", "searchable")])


def test_settled_edits_of_a_record_that_does_not_come_back_after_a_restore_are_sealed(
    kit: FieldKit, visit: str
) -> None:
    kit.sync(transport=Centre(pulls=[held(visit, 9, SECRET)]))
    restored = EpochChanged(epoch="01a00000-0000-7000-8000-00000000eee2", restored_to=7)
    kit.sync(transport=Centre(pulls=[restored, page({DISTRICT: (8, None)}, commit=8)]))

    assert [(payload, bool(sealed)) for payload, sealed in log_of(kit, "payload", "sealed")] == [("{}", True)]


def test_settled_edits_of_a_record_that_comes_back_after_a_restore_can_still_be_read(kit: FieldKit, visit: str) -> None:
    kit.sync(transport=Centre(pulls=[held(visit, 9, SECRET)]))
    restored = EpochChanged(epoch="01a00000-0000-7000-8000-00000000eee2", restored_to=7)
    differing = page({DISTRICT: (8, None)}, commit=8, checksums=sums(8, DISTRICT, (visit, 5)))
    kit.sync(transport=Centre(pulls=[restored, differing, held(visit, 5, SECRET)]))

    assert (seen(kit, visit).version, log_of(kit, "sealed")) == (5, [(None,)])


def test_an_edit_under_way_is_sealed_once_it_is_answered(kit: FieldKit, visit: str) -> None:
    kit.update(visit, summary=f"{SECRET} อีก")
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, 9)], pulls=[left(visit)]))

    assert [bool(sealed) for (sealed,) in log_of(kit, "sealed")] == [True, True]


def test_an_edit_without_an_answer_stays_as_it_is_when_its_record_leaves(kit: FieldKit, visit: str) -> None:
    kit.update(visit, summary=f"{SECRET} อีก")
    pages.apply_page(kit.database, pages.read_checkpoint(kit.database), left(visit), "2026-11-23T03:00:00.000Z")

    assert [bool(sealed) for (sealed,) in log_of(kit, "sealed")] == [True, False]
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (9, None)}, commit=9)]))
    assert [bool(sealed) for (sealed,) in log_of(kit, "sealed")] == [True, True]


def test_what_the_centre_refused_of_a_record_made_here_can_still_be_corrected(kit: FieldKit) -> None:
    know_centre(kit)
    kit.create("person", first_name="สมชาย")
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, outcome="rejected")]))

    assert log_of(kit, "sealed") == [(None,)]


def test_a_record_that_was_refused_and_corrected_is_sealed_whole_when_it_leaves(kit: FieldKit) -> None:
    know_centre(kit)
    case = kit.create("case", {**CASE, "summary": SECRET}).record
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, outcome="rejected")]))
    kit.update(case, area="540102")
    kit.sync(transport=Centre(pulls=[held(case, 5, SECRET)]))
    kit.sync(transport=Centre(pulls=[left(case)]))

    assert [(payload, bool(sealed)) for payload, sealed in log_of(kit, "payload", "sealed")] == [("{}", True)] * 2


def test_what_was_refused_with_a_creation_and_is_sealed_since_stays_refused(kit: FieldKit, visit: str) -> None:
    with kit.save() as save:
        save.update(visit, summary=f"{SECRET} อีก")
        made = save.create("visit", case=visit, visited_on="2027-11-20")

    def refused_together(request: PushRequest) -> PushReply:
        reply = answered(request, 9, "rejected", code="group_rejected")
        mate, late = reply.outcomes
        errors = {"visited_on": [{"code": "after_receipt"}]}
        late = msgspec.structs.replace(late, code="validation_failed", errors=errors)
        return msgspec.structs.replace(reply, outcomes=[mate, late])

    kit.sync(transport=Centre(pushes=[refused_together], pulls=[left(visit)]))
    kit.update(made, visited_on="2026-11-20")

    assert log_of(kit, "op", "record")[3:] == [("create", made)]
    assert [(entry.mutation.record, entry.outcome) for entry in kit.outbox()] == [(visit, "rejected"), (made, None)]


def test_a_sealed_edit_travels_sealed_with_its_new_place(kit: FieldKit, visit: str) -> None:
    kit.sync(transport=Centre(pulls=[left(visit)]))
    kit.create("person", first_name="สมชาย")
    centre = Centre(pushes=[DeviceForked(last={"seq": 0, "id": None}), answer_all])

    kit.sync(transport=centre)

    sent = centre.pushed[-1]
    first, second = opened(sent)
    assert (first["set"], second["data"]["first_name"]) == ({"summary": [None, SECRET]}, "สมชาย")
    assert SECRET.encode() not in msgspec.json.encode(sent)
    assert [msgspec.json.decode(raw)["seq"] for group in sent.groups for raw in group] == [1, 2]
    assert kit.status().waiting == 0


def answer_all(request: PushRequest) -> PushReply:
    """Answer sealed and plain mutations alike."""
    ids = [msgspec.json.decode(raw)["id"] for group in request.groups for raw in group]
    return msgspec.structs.replace(answered(request), outcomes=[MutationOutcome(each, "applied", 5) for each in ids])


def weigh_and_answer(request: PushRequest) -> PushReply:
    """Weigh what is sealed as the centre does, then answer all."""
    groups_of(request, Limits(), KEYS.open_mutation)
    return answer_all(request)


def forked_with_everything_sealed(kit: FieldKit, visit: str) -> list[list[bytes]]:
    """Let the case leave, and send all anew to a centre that weighs; return the groups of each push, as opened."""
    kit.sync(transport=Centre(pulls=[left(visit)]))
    assert all(sealed for (sealed,) in log_of(kit, "sealed"))
    kit.create("person", first_name="สมชาย")
    centre = Centre(pushes=[DeviceForked(last={"seq": 0, "id": None}), *[weigh_and_answer] * 20])
    kit.sync(transport=centre)
    assert kit.status().waiting == 0
    pushes = [request for request in centre.pushed[1:] if request.groups]
    return [
        [msgspec.json.encode(opened(msgspec.structs.replace(each, groups=[group]))) for group in each.groups]
        for each in pushes
    ]


def test_sealed_edits_that_weigh_too_much_once_opened_go_in_smaller_pushes(kit: FieldKit, visit: str) -> None:
    for number in range(40):
        kit.update(visit, summary=f"{number}{'ก' * 8_000}")
    refused, *rest = forked_with_everything_sealed(kit, visit)

    assert (len(refused), sum(map(len, refused)) > Limits().bytes) == (42, True)
    assert [each for push in rest for each in push][-42:] == refused
    assert all(sum(map(len, push)) <= Limits().bytes for push in rest)


def test_the_largest_save_still_gets_through_sealed(kit: FieldKit, visit: str) -> None:
    with kit.save() as save:
        for letter in "กขค":
            save.update(visit, **dict.fromkeys(("summary", "danger_notes", "closing_note"), letter * 19_500))
    *_, last = forked_with_everything_sealed(kit, visit)

    assert Limits().bytes * 0.4 < max(map(len, last)) < Limits().bytes


def test_a_sealed_edit_under_way_again_shows_nothing(kit: FieldKit, visit: str) -> None:
    kit.sync(transport=Centre(pulls=[left(visit)]))
    kit.create("person", first_name="สมชาย")
    with pytest.raises(DeviceForked):
        kit.sync(transport=Centre(pushes=[DeviceForked()] * 9))

    assert (kit.get(visit), list(kit.list("case"))) == (None, [])


def test_without_the_key_of_the_centre_nothing_can_be_sealed(kit: FieldKit, outside) -> None:
    case = outside.new_id()
    kit.sync(transport=Centre(pulls=[held(case, 3)]))
    kit.update(case, summary=SECRET)
    kit.sync(transport=Centre(pulls=[left(case)]))

    assert log_of(kit, "sealed") == [(None,)]


# --- photos of records that left


@pytest.fixture
def photo(kit: FieldKit, visit: str, tmp_path: Path) -> str:
    """Give a photo of the case whose bytes have arrived."""
    (tmp_path / "house.jpg").write_bytes(PHOTO)
    photo = kit.attach(visit, tmp_path / "house.jpg").record
    fields, values = ["owner_record"], [visit]
    there = page({DISTRICT: (7, None)}, table("attachment", fields, (photo, 7, [DISTRICT], values)), commit=7)
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, 6)], pulls=[there]))
    assert (kit.file(photo), kit.status().files_arrived) == (PHOTO, 1)
    return str(photo)


def both_left(case: str, photo: str) -> PullReply:
    gone = [table("case", [], gone=[(case, 9, DISTRICT, "moved")])]
    gone.append(table("attachment", [], gone=[(photo, 9, DISTRICT, "moved")]))
    return page({DISTRICT: (9, None)}, *gone, commit=9)


def files_in(sealed: bytes) -> list[bytes]:
    inside = KEYS.open(sealed) or b""
    assert is_authentic(inside, [mac_key("token-of-the-device")])
    work = work_in(inside)
    return [each.bytes for each in work.files] if work else []


def test_an_arrived_photo_of_a_record_that_leaves_is_sealed(kit: FieldKit, visit: str, photo: str) -> None:
    kit.sync(transport=Centre(pulls=[both_left(visit, photo)]))

    with pytest.raises(UnknownRecord):
        kit.file(photo)
    stored = b"".join(each for (each,) in kit.database.rows("SELECT bytes FROM file_chunk ORDER BY position"))
    assert (PHOTO in stored, files_in(stored)) == (False, [PHOTO])
    assert all(finding.ok for finding in kit.doctor() if finding.code == "files_whole")


def test_a_photo_that_arrives_after_its_record_left_is_sealed_then(
    kit: FieldKit, visit: str, tmp_path: Path, outside
) -> None:
    (tmp_path / "house.jpg").write_bytes(PHOTO)
    photo = kit.attach(visit, tmp_path / "house.jpg").record
    centre = Centre(pushes=[lambda request: answered(request, 9)], pulls=[both_left(visit, photo)])
    kit.sync(transport=centre)

    assert [upload.content for upload in centre.uploads] == [PHOTO]
    with pytest.raises(UnknownRecord):
        kit.file(photo)


def test_a_restored_centre_gets_the_sealed_photo_again(kit: FieldKit, visit: str, photo: str) -> None:
    kit.sync(transport=Centre(pulls=[both_left(visit, photo)]))
    restored = EpochChanged(epoch="01a00000-0000-7000-8000-00000000eee2", restored_to=0)
    centre = Centre(pulls=[restored], pushes=[answer_all])
    kit.sync(transport=centre)

    assert [files_in(each) for each in centre.delivered] == [[PHOTO]]
    assert centre.uploads == []


PHOTO = bytes(range(256)) * 4_000
