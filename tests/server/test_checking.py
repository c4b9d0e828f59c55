"""The deep check on a real store: what a device was sent is equal, what it no longer is differs or has moved on."""

from collections.abc import Iterable
from typing import Any

import pytest

from server.ids import new_id
from server.store.checking import check
from sync.checksum import Checksum, content_checksum
from sync.errors import EpochChanged
from sync.messages import CheckRequest
from tests.server.protocol_client import Centre, Phone
from tests.server.test_store import case, names, visit

DISTRICT = "district:5401"


def held(phone: Phone, buckets: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return what a phone holds of some buckets, as the check sends it."""
    found: dict[str, Checksum] = {}
    for key in buckets:
        records = [record for bucket, record in phone.membership if bucket == key]
        found[key] = content_checksum((each, phone.rows[each][1], phone.rows[each][2]) for each in sorted(records))
    return {key: (each.count, each.hex) for key, each in found.items()}


def request_of(phone: Phone, **parts: Any) -> CheckRequest:
    assert phone.last_pull is not None
    given: dict[str, Any] = {"epoch": phone.epoch, "schema": 1, "commit": phone.last_pull.commit}
    given |= {"buckets": held(phone, phone.checkpoint)} | parts
    return CheckRequest(protocol=1, device=phone.author.device, **given)


def states(phone: Phone, **parts: Any) -> dict[str, str]:
    """Return what the centre says of each bucket that is not simply equal."""
    store = phone.centre.store
    reply = check(store.engine, store.types, phone.author, request_of(phone, **parts), phone.centre.now)
    return {key: said for key, said in reply.buckets.items() if said != "equal"}


@pytest.fixture
def filled(alice: Phone) -> str:
    """Give a case with all that is hard to compare: numbers, fields of a later time, companions, protected fields."""
    new = case(alice, summary='ก\n"ข"', problems=["violence", "other"])
    where = {"latitude": 18.0, "longitude": 100.1445, "accuracy_m": 12}
    emergency = alice.create("emergency", causes=["threat_or_assault"], area="5401", reporter_name="ผู้แจ้ง", **where)
    assert names(alice.push([new, visit(alice, new["record"])], [emergency])) == ["applied"] * 3
    later = alice.create("person", first_name="มะลิ", invented_later={"deep": [1, 2.5, None]})
    assert names(alice.send(alice.request([later], schema=9)).outcomes) == ["applied"]
    return str(new["record"])


def test_whatever_a_device_was_sent_is_equal(bare_centre: Centre, alice: Phone, bob: Phone, filled: str) -> None:
    team = bare_centre.enrol("rru_member", "district:5401")
    volunteer = bare_centre.enrol("volunteer", "village:54010103")
    for phone in (alice, bob, team, volunteer):
        assert states(phone.pull()) == {}


def test_a_changed_value_under_the_same_version_differs(alice: Phone, filled: str) -> None:
    alice.pull()
    kind, version, data = alice.rows[filled]
    alice.rows[filled] = (kind, version, {**data, "summary": "ก"})
    assert states(alice) == dict.fromkeys([key for key, record in alice.membership if record == filled], "differs")


def test_a_missing_or_foreign_row_differs(alice: Phone, filled: str) -> None:
    alice.pull()
    alice.membership.discard((DISTRICT, filled))
    assert states(alice) == {DISTRICT: "differs"}
    stray = new_id()
    alice.rows[stray] = ("person", 3, {"first_name": "ใคร"})
    alice.membership |= {(DISTRICT, filled), (DISTRICT, stray)}
    assert states(alice) == {DISTRICT: "differs"}


def test_what_the_centre_changed_since_has_moved_on(alice: Phone, bob: Phone, filled: str) -> None:
    alice.pull()
    bob.pull()
    bob.push([bob.update("case", filled, bob.version(filled), set={"urgency": [None, "urgent"]})])
    assert set(states(alice).values()) == {"moved_on"}
    assert DISTRICT in states(alice)
    assert states(alice.pull()) == {}


def test_a_field_that_others_wrote_is_compared_as_its_author_sees_it(bare_centre: Centre, bob: Phone) -> None:
    volunteer = bare_centre.enrol("volunteer", "village:54010103")
    given = {"reference_number": case(volunteer)["data"]["reference_number"], "history": "เดิม"}
    request = volunteer.create("help_request", area="54010103", latitude=18.5, longitude=100.0, **given)
    assert names(volunteer.push([request])) == ["applied"]
    base, edit = bob.pull().version(request["record"]), {"history": ["เดิม", "ตรวจแล้ว"]}
    assert names(bob.push([bob.update("help_request", request["record"], base, set=edit)])) == ["applied"]
    assert states(volunteer.pull()) == {}
    assert "history" not in volunteer.data(request["record"])


def test_a_bucket_that_is_not_the_devices_says_nothing(alice: Phone, filled: str) -> None:
    alice.pull()
    assert states(alice, buckets={"district:8301": (0, "0" * 16)}) == {"district:8301": "moved_on"}


def test_another_epoch_is_refused(alice: Phone, filled: str) -> None:
    alice.pull()
    with pytest.raises(EpochChanged):
        states(alice, epoch=new_id())
