"""Pushes: the body as a whole, and one mutation between two good neighbours."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import select

from schemas.reference_number import mint
from server.ids import new_id
from server.models.engine import reading
from server.models.sync_tables import mutation, record
from tests.fuzz.asked_centre import AskedCentre, asked_centre
from tests.fuzz.door import Opened
from tests.fuzz.garbling import garbled
from tests.server.centre import Somebody

AT = "2026-11-23T01:00:00.000Z"
OUTCOMES = frozenset({"applied", "merged", "unchanged", "conflicted", "rejected", "held"})
KEPT_OUT = frozenset({"rejected", "held"})


def stand_in(number: int) -> str:
    """Return an id that stands for a new one in a message that is sent many times."""
    return str(UUID(int=0x01A0_0000_0000_7000_8000_FEED_0000_0000 + number))


def fresh(raw: bytes) -> bytes:
    """Put new ids in the places of the stand-ins."""
    for number in range(12):
        raw = raw.replace(stand_in(number).encode(), new_id().encode())
    return raw


class Field:
    """A district with a case, a person and a conflict, and an officer's device that pushes."""

    def __init__(self, centre: AskedCentre) -> None:
        """Fill a centre."""
        self.centre = centre
        self.case, self.person, self.other, self.conflict = (new_id() for _ in range(4))
        facts = {"received_on": "2026-11-20", "intake_channel": "walk_in", "intake_district": "5401", "area": "540101"}
        made = centre.test.centre.store.create(
            [
                ("person", self.person, {"first_name": "สมชาย", "last_name": "ใจดี"}),
                ("person", self.other, {"first_name": "สมชัย"}),
                ("case", self.case, {"reference_number": mint(7), "affected_person": self.person, **facts}),
                ("conflict", self.conflict, {"record": self.case, "record_type": "case", "field": "severity",
                                             "privacy": "normal", "status": "open", "contenders": []}),
            ],
            centre.test.clock(),
        )  # fmt: skip
        assert [each.outcome for each in made] == ["applied"] * 4, made
        self.officer: Somebody = centre.test.field("social_worker@province:54")
        self.incarnation, self.after = new_id(), {"seq": 0, "id": None}

    def mutations(self) -> list[dict[str, Any]]:
        """Return one valid mutation of each kind, without its place."""
        visit = {"case": self.case, "visited_on": "2026-11-21", "narrative": "พบที่บ้าน", "hardship": ["debt"],
                 "latitude": 18.1, "longitude": 100.1, "accuracy_m": 12, "duration_minutes": 30}  # fmt: skip
        person = {"first_name": "สมหญิง", "last_name": "ใจดี", "national_id": "9100000000009", "phones": ["0812345678"]}
        case = {"reference_number": mint(99), "received_on": "2026-11-20", "intake_channel": "walk_in",
                "intake_district": "5401", "area": "54010103", "urgency": "urgent", "summary": "หลังคาพัง"}  # fmt: skip
        photo = {"owner_record": self.case, "sha256": "a" * 64, "size": 5, "media_type": "image/jpeg"}
        change = {
            "set": {"urgency": [None, "urgent"], "danger_notes": [None, "สุนัข"]},
            "add": {"problems": ["violence"]},
        }
        resolve = {"resolves": [{"conflict": self.conflict, "contenders": [], "reason": "โทรถามแล้ว"}]}
        return [
            _made("create", "visit", stand_in(3), data=visit, assumed=["visited_on"]),
            _made("create", "person", stand_in(3), data=person),
            _made("create", "case", stand_in(3), data=case),
            _made("create", "attachment", stand_in(3), data=photo),
            _made("update", "case", self.case, base=1, **change),
            _made("update", "case", self.case, base=1, set={"severity": [None, "high"]}, **resolve),
            _made("update", "case", self.case, base=1, set={"area": ["540101", "540201"]}),
            _made("delete", "person", self.other, base=1),
            _made("merge", "person", self.other, base=1, into=self.person, reason="คนเดียวกัน"),
            _made("unmerge", "person", self.other, base=2, undoes=stand_in(4), moves=[stand_in(5)]),
            {"sealed": "AAAA" * 30, "base": 0},
        ]

    def body(self, *groups: list[bytes]) -> bytes:
        """Return a push of mutations that already have their places."""
        head = {
            "protocol": 1,
            "epoch": self.centre.test.centre.store.epoch(),
            "device": self.officer.device,
            "incarnation": self.incarnation,
            "lane": "normal",
            "schema": 1,
            "after": self.after,
            "sent_at": AT,
        }
        inside = b",".join(b"[" + b",".join(group) + b"]" for group in groups)
        return json.dumps(head).encode()[:-1] + b',"groups":[' + inside + b"]}"

    def send(self, path: str, body: bytes, **headers: str) -> bool:
        """Send one message; judge the answer; tell whether it was taken."""
        language, before = self.centre.language(), self.centre.stands()
        told = {"Content-Type": "application/json", "Accept-Language": language, **headers}
        self.answer = self.officer.post(path, data=body, headers=told)
        return self.centre.judge(self.answer, language, before)

    def look(self) -> None:
        """Fetch everything, as another device would: what was taken in must also come out."""
        about = {"protocol": 1, "epoch": self.centre.test.centre.store.epoch(), "device": self.officer.device}
        body = {**about, "schema": 1, "checkpoint": getattr(self, "held", {})}
        assert self.send("/api/v1/sync/pull", json.dumps(body).encode()), self.answer.text
        self.held = self.answer.json["checkpoint"]


@contextmanager
def whole_body(folder: Path, url: str) -> Iterator[Opened]:
    """Pushes garbled anywhere; each begins a lane of its own."""
    with asked_centre(folder, url) as centre:
        field = Field(centre)
        field.incarnation = stand_in(0)
        groups = [[_placed(json.dumps(made).encode(), seq)] for seq, made in enumerate(field.mutations(), 1)]
        groups[2:4] = [groups[2] + groups[3]]
        valid = field.body(*groups)
        field.send("/api/v1/sync/push", fresh(valid))
        assert field.answer.status_code == 200, field.answer.text

        def knock(body: bytes) -> None:
            if field.send("/api/v1/sync/push", fresh(body)):
                assert {each["outcome"] for each in field.answer.json["outcomes"]} <= OUTCOMES
                field.look()

        yield Opened(garbled(valid), knock)


@contextmanager
def one_mutation(folder: Path, url: str) -> Iterator[Opened]:
    """One garbled mutation between two good ones, which keep their outcomes whatever it is."""
    with asked_centre(folder, url) as centre:
        field = Field(centre)
        field.incarnation = new_id()
        tries = st.one_of([garbled(json.dumps(each, ensure_ascii=False).encode()) for each in field.mutations()])
        yield Opened(tries, lambda raw: _knock_between(field, fresh(raw)))


def _knock_between(field: Field, raw: bytes) -> None:
    first = int(field.after["seq"] or 0) + 1
    neighbour = {"case": field.case, "visited_on": "2026-11-21"}
    left, right = (json.dumps(_made("create", "visit", new_id(), data=neighbour)).encode() for _ in range(2))
    ids = [new_id() for _ in range(3)]
    groups = [[_placed(each, first + n, ids[n])] for n, each in enumerate((left, raw, right))]
    if not field.send("/api/v1/sync/push", field.body(*groups)):
        return
    outcomes = field.answer.json["outcomes"]
    assert [outcomes[n]["id"] for n in (0, 2)] == [ids[0], ids[2]], outcomes
    assert [outcomes[n]["outcome"] for n in (0, 2)] == ["applied", "applied"], outcomes
    field.after = {"seq": first + 2, "id": ids[2]}
    _check_middle(field, outcomes[1])
    field.look()


def _check_middle(field: Field, outcome: dict[str, Any]) -> None:
    """What was refused says why and made no record; everything is in the ledger."""
    assert outcome["outcome"] in OUTCOMES, outcome
    with reading(field.centre.test.centre.engine) as connection:
        rows = connection.execute(select(mutation).where(mutation.c.id == outcome["id"])).all()
        assert len(rows) == 1, outcome
        if outcome["outcome"] not in KEPT_OUT:
            return
        assert outcome.get("code") or outcome.get("waits_for"), outcome
        made = connection.execute(select(record.c.version).where(record.c.id == rows[0].record)).scalar()
        assert made is None or made < outcome["commit"], outcome


def _made(op: str, kind: str, of: str, **parts: Any) -> dict[str, Any]:
    return {"op": op, "type": kind, "record": of, "recorded_at": AT, **parts}


def _placed(raw: bytes, seq: int, identifier: str = "") -> bytes:
    """Give a mutation its place, when it is an object at all."""
    if not raw.startswith(b"{"):
        return raw
    place = f'"seq":{seq},"id":"{identifier or new_id()}"'.encode()
    rest = raw[1:]
    return b"{" + place + (b"" if rest.lstrip().startswith(b"}") else b",") + rest
