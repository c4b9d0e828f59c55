"""A forgotten passphrase: the key is given once, to the key that the telephone names, by staff whose person it is."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

import pytest
from nacl.public import PrivateKey, PublicKey, SealedBox

from sync.key_code import code_of
from tests.server.centre import Somebody, TestCentre

DATA_KEY = bytes(range(32))
WORKER = "rru_member@district:5401"


@dataclass
class Forgetful:
    """A device whose passphrase was forgotten."""

    centre: TestCentre
    who: Somebody
    key: PrivateKey = field(default_factory=PrivateKey.generate)

    @property
    def public_key(self) -> str:
        return b64encode(bytes(self.key.public_key)).decode()

    @property
    def code(self) -> str:
        return code_of(str(self.who.device), bytes(self.key.public_key))

    @property
    def box(self) -> str:
        """What lies in the open in the key file of the device."""
        return self.sealed(DATA_KEY + str(self.who.device).encode())

    def sealed(self, inside: bytes) -> str:
        """Return what only the centre opens (base64)."""
        return b64encode(SealedBox(PublicKey(self.centre.centre.keys.public)).encrypt(inside)).decode()

    def ask(self, **parts: Any) -> Any:
        body = {"device": self.who.device, "box": self.box, "public_key": self.public_key}
        return self.centre.client.post("/api/v1/key-recoveries", json=body | parts)

    def answer(self, id_: str) -> Any:
        return self.centre.client.get(f"/api/v1/key-recoveries/{id_}")


@pytest.fixture
def alice(centre: TestCentre) -> Forgetful:
    return Forgetful(centre, centre.field(WORKER))


@pytest.fixture
def head(centre: TestCentre) -> Somebody:
    """The provincial head."""
    return centre.staff("approver@province:54")


def approve(who: Somebody, id_: str, code: str) -> Any:
    return who.post(f"/api/v1/key-recoveries/{id_}/approve", json={"code": code})


def test_after_approval_only_the_device_that_asked_opens_the_answer(alice: Forgetful, head: Somebody) -> None:
    id_ = alice.ask().json["id"]
    assert alice.answer(id_).json == {"id": id_, "state": "open", "answer": None}
    approved = approve(head, id_, alice.code.lower().replace("-", " "))
    told = alice.answer(id_).json

    assert (approved.status_code, approved.json["state"], approved.json["decided_by"]) == (200, "approved", head.id)
    assert SealedBox(alice.key).decrypt(b64decode(told["answer"])) == DATA_KEY
    assert "answer" not in approved.json


def test_nobody_gets_the_key_of_another_device_with_the_box_from_its_key_file(
    alice: Forgetful, centre: TestCentre
) -> None:
    thief = Forgetful(centre, centre.field(WORKER))
    stolen = thief.ask(box=alice.box)

    assert (stolen.status_code, stolen.json["errors"]["box"][0]["code"]) == (422, "invalid"), stolen.text
    assert alice.ask().status_code == 201


def test_asking_again_with_the_same_key_is_the_same_request(alice: Forgetful) -> None:
    first, again = alice.ask(), alice.ask()

    assert (first.status_code, again.json) == (201, first.json)


def test_another_code_decides_nothing(alice: Forgetful, head: Somebody) -> None:
    id_ = alice.ask().json["id"]
    thief = Forgetful(alice.centre, alice.who)
    wrong = approve(head, id_, thief.code)

    assert (wrong.status_code, wrong.json["code"]) == (409, "code_mismatch")
    assert alice.answer(id_).json["state"] == "open"
    assert approve(head, id_, alice.code).status_code == 200


def test_a_refused_request_gives_no_key(alice: Forgetful, head: Somebody) -> None:
    id_ = alice.ask().json["id"]
    assert head.post(f"/api/v1/key-recoveries/{id_}/refuse").json["state"] == "refused"
    late = approve(head, id_, alice.code)

    assert (late.status_code, late.json["code"], late.json["state"]) == (409, "key_recovery_closed", "refused")
    assert alice.answer(id_).json == {"id": id_, "state": "refused", "answer": None}


def test_a_request_expires(alice: Forgetful, head: Somebody) -> None:
    id_ = alice.ask().json["id"]
    alice.centre.clock.turn(hours=73)
    with_new_token = alice.centre.staff("approver@province:54")

    assert alice.answer(id_).json["state"] == "expired"
    assert approve(with_new_token, id_, alice.code).json["state"] == "expired"


@pytest.mark.parametrize("order", ["lost", "left"])
def test_the_key_of_a_cancelled_device_is_nobodys(alice: Forgetful, head: Somebody, order: str) -> None:
    id_ = alice.ask().json["id"]
    approve(head, id_, alice.code)
    head.post(f"/api/v1/devices/{alice.who.device}/revoke", json={"order": order})
    other = Forgetful(alice.centre, alice.who)

    for reply in (alice.answer(id_), other.ask()):
        assert (reply.status_code, reply.json["code"], reply.json["order"]) == (403, "device_revoked", order)


def test_an_approval_after_the_device_was_cancelled_is_refused(alice: Forgetful, head: Somebody) -> None:
    id_ = alice.ask().json["id"]
    head.post(f"/api/v1/devices/{alice.who.device}/revoke", json={"order": "lost"})

    assert approve(head, id_, alice.code).json["code"] == "device_revoked"


def test_staff_see_and_decide_only_about_their_people(alice: Forgetful, head: Somebody, centre: TestCentre) -> None:
    id_ = alice.ask().json["id"]
    elsewhere, admin = centre.staff("approver@province:55"), centre.staff("administrator@nation")
    listed = [who.get("/api/v1/key-recoveries").json["items"] for who in (head, elsewhere, admin)]

    assert [[each["id"] for each in items] for items in listed] == [[id_], [], [id_]]
    assert alice.code not in str(listed)
    assert approve(elsewhere, id_, alice.code).status_code == 403
    assert approve(admin, id_, alice.code).status_code == 200


@pytest.mark.parametrize("role", ["social_worker@province:54", "national_staff@nation", "inspector@nation"])
def test_others_may_not_decide(alice: Forgetful, centre: TestCentre, role: str) -> None:
    id_ = alice.ask().json["id"]
    who = centre.staff(role)

    assert {approve(who, id_, alice.code).status_code, who.get("/api/v1/key-recoveries").status_code} == {403}


def test_nobody_approves_their_own(centre: TestCentre) -> None:
    person = centre.person("approver@province:54")
    alice = Forgetful(centre, centre.enrolled(person))
    id_ = alice.ask().json["id"]

    assert approve(alice.who, id_, alice.code).status_code == 403


def test_only_a_key_that_the_centre_can_open_is_asked_for(alice: Forgetful) -> None:
    other = b64encode(SealedBox(PrivateKey.generate().public_key).encrypt(DATA_KEY)).decode()
    mine = str(alice.who.device).encode()
    sealed = [alice.sealed(each) for each in (b"short", DATA_KEY, DATA_KEY[:31] + mine, DATA_KEY + mine + b"x")]
    boxes = [{"box": each} for each in ("x", other, *sealed)]
    wrong = [alice.ask(**part) for part in (*boxes, {"public_key": "x" * 44})]

    assert {reply.status_code for reply in wrong} == {422}
    assert alice.ask(device="0192f0c0-0000-7000-8000-00000000ffff").status_code == 404


def test_others_requests_keep_nobody_from_asking_for_their_own(alice: Forgetful, head: Somebody) -> None:
    others = []
    for _ in range(6):
        others.append(Forgetful(alice.centre, alice.who).ask().json["id"])
        alice.centre.clock.turn(seconds=1)
    mine = alice.ask().json["id"]
    states = [alice.answer(each).json["state"] for each in (*others, mine)]
    listed = head.get("/api/v1/key-recoveries").json["items"]

    assert states == ["expired"] * 2 + ["open"] * 5
    assert {each["of_device"] for each in listed} == {7}
    assert approve(head, mine, alice.code).json["state"] == "approved"


def test_an_address_that_asks_too_often_waits(open_centre_with: Any) -> None:
    centre = open_centre_with(key_recovery_attempts="2 per minute")
    codes = [centre.client.get("/api/v1/key-recoveries/x").status_code for _ in range(3)]

    assert codes == [404, 404, 429]
