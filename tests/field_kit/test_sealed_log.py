"""What was written about a record that left can be read by the centre alone, and still travels."""

from typing import Any

import msgspec
import pytest

from field_kit import FieldKit, pages
from sync.errors import DeviceForked
from sync.messages import PullReply, PushRequest
from sync.mutation import Malformed, read, sealed_in
from tests.field_kit.centre import Centre, answered, flat, page, table
from tests.field_kit.device import DISTRICT, log_of, seen
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


def answer_all(request: PushRequest) -> Any:
    """Answer sealed and plain mutations alike."""
    reply = answered(request)
    ids = [msgspec.json.decode(raw)["id"] for group in request.groups for raw in group]
    return (
        msgspec.structs.replace(reply, outcomes=[msgspec.structs.replace(reply.outcomes[0], id=each) for each in ids])
        if flat(request)
        else reply
    )


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
