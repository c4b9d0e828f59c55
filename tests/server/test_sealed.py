"""A sealed mutation is opened by the centre and judged like any other; a box that cannot be opened is refused alone."""

import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from nacl.public import PrivateKey, PublicKey, SealedBox
from sqlalchemy import select

from schemas.records import RECORD_TYPES
from server.derivations import DERIVATIONS
from server.ids import new_id
from server.keys import CentreKeys
from server.models.engine import make_engine, reading
from server.models.sync_tables import mutation
from server.store import Store
from sync.errors import PayloadTooLarge
from sync.messages import Limits, Position
from tests.server.protocol_client import Centre, Phone
from tests.server.test_store import case

KEYS = CentreKeys(PrivateKey(bytes(range(32))), b"\0" * 32)


@dataclass
class Sealer:
    """Seals as a device does."""

    key: bytes = KEYS.public

    def __call__(self, inside: dict[str, Any], **outside: Any) -> dict[str, Any]:
        box = SealedBox(PublicKey(self.key)).encrypt(zlib.compress(msgspec.json.encode({"seq": 7, **inside})))
        return {"id": inside["id"], "sealed": b64encode(box).decode(), **outside}


@pytest.fixture
def alice(migrated_url: str) -> Iterator[Phone]:
    """A social worker of Phrae."""
    store = Store(make_engine(migrated_url), RECORD_TYPES, DERIVATIONS, KEYS.open_mutation)
    yield Centre(store).enrol("social_worker", "province:54")
    store.engine.dispose()


def payloads(phone: Phone) -> list[dict[str, Any]]:
    """Return what the ledger keeps of a device's mutations."""
    with reading(phone.centre.store.engine) as connection:
        mine = select(mutation.c.payload).where(mutation.c.device == phone.author.device)
        found = connection.execute(mine.order_by(mutation.c.commit_number, mutation.c.position)).scalars()
        return [msgspec.json.decode(each) for each in found]


def test_a_sealed_mutation_is_judged_and_kept_as_it_reads_inside(alice: Phone) -> None:
    made = case(alice, summary="หลังคาพัง")
    [outcome] = alice.push([Sealer()(made)])

    assert outcome.outcome == "applied"
    [kept] = payloads(alice)
    assert (kept["seq"], kept["data"]["summary"]) == (1, "หลังคาพัง")


def test_a_base_outside_the_box_stands(alice: Phone) -> None:
    made = case(alice, urgency="normal")
    alice.push([made])
    edit = alice.update("case", made["record"], 10**6, set={"urgency": ["normal", "urgent"]})
    alice.push([Sealer()(edit, base=3)])

    assert payloads(alice)[1]["base"] == 3


def test_after_a_recovery_a_sealed_mutation_gets_its_first_outcome(alice: Phone) -> None:
    made = case(alice)
    [first] = alice.push([made])
    alice.incarnation, alice.last = new_id(), Position(0)
    [again] = alice.push([Sealer()(made)])

    assert again == first


@pytest.mark.parametrize(
    "box",
    [
        "no base64!",
        b64encode(b"too short").decode(),
        Sealer(bytes(PrivateKey(b"\1" * 32).public_key))({"id": "x"})["sealed"],
        Sealer()({"id": "0192f0c0-0000-7000-8000-000000000042", "op": "create"})["sealed"],
        b64encode(SealedBox(PublicKey(KEYS.public)).encrypt(b"not deflated")).decode(),
        b64encode(SealedBox(PublicKey(KEYS.public)).encrypt(zlib.compress(b"not json"))).decode(),
        b64encode(SealedBox(PublicKey(KEYS.public)).encrypt(zlib.compress(b" " * 2_000_000))).decode(),
    ],
    ids=["no base64", "no box", "to another", "another's id", "not deflated", "no json", "a bomb"],
)
def test_a_box_that_cannot_be_opened_is_refused_alone(alice: Phone, box: str) -> None:
    wrong = {"id": new_id(), "sealed": box}
    refused, good = alice.push([wrong], [case(alice)])

    assert (refused.outcome, refused.errors["mutation"][0]["code"]) == ("rejected", "malformed")
    assert good.outcome == "applied"
    assert payloads(alice)[0]["sealed"] == box


def test_sealed_edits_that_open_to_more_than_a_push_are_refused_as_a_whole(alice: Phone) -> None:
    large = [Sealer()(case(alice, summary="ก" * 60_000)) for _ in range(8)]
    with pytest.raises(PayloadTooLarge) as refused:
        alice.push(*[[each] for each in large])

    assert (refused.value.extra, payloads(alice)) == ({"bytes_max": Limits().bytes}, [])


def test_half_of_them_and_one_nearly_as_large_as_a_push_arrive_as_they_read_inside(alice: Phone) -> None:
    half = [case(alice, summary="ก" * 60_000) for _ in range(4)]
    alice.push(*[[Sealer()(each)] for each in half])
    largest = case(alice, summary="ก" * ((Limits().bytes - 1_000) // 3))
    alice.push([Sealer()(largest)])

    assert [each["data"]["summary"] for each in payloads(alice)] == [
        each["data"]["summary"] for each in (*half, largest)
    ]
