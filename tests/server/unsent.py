"""A device that seals what it has not sent, as docs/protocol.md section 12 says."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import msgspec
from nacl.public import PublicKey, SealedBox

from schemas.reference_number import mint
from server.ids import new_id
from sync.unsent import EXPORT, WORK_VERSION, UnsentFile, UnsentWork, authenticated, mac_key
from tests.server.centre import Somebody, TestCentre

PHOTO = bytes(range(256)) * 40


class Desk:
    """Writes one device's work; ``incarnation`` is its life."""

    def __init__(self, centre: TestCentre, who: Somebody) -> None:
        self.centre = centre
        self.who = who
        self.incarnation = new_id()

    def work(self, *groups: list[dict[str, Any]], files: list[UnsentFile] | None = None, **parts: Any) -> UnsentWork:
        """Return what was not sent."""
        about: dict[str, Any] = {
            "version": WORK_VERSION,
            "kind": EXPORT,
            "device": self.who.device,
            "incarnation": self.incarnation,
            "epoch": self.centre.centre.store.epoch(),
            "schema": 1,
            "made_at": "2026-11-23T02:00:00.000Z",
            "part": 1,
            "parts": 1,
            "lanes": {"normal": [[msgspec.Raw(msgspec.json.encode(each)) for each in group] for group in groups]},
            "files": files or [],
        }
        return UnsentWork(**about | parts)

    def seal(self, work: UnsentWork, *, token: str | None = None) -> bytes:
        """Seal work to the centre, under the device's token or another secret."""
        inside = authenticated(work, mac_key(token or self.who.token))
        return bytes(SealedBox(PublicKey(self.centre.centre.keys.public)).encrypt(inside))

    def push(self, *groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Push from the beginning of the lane; return the outcomes."""
        body = {
            "protocol": 1,
            "epoch": self.centre.centre.store.epoch(),
            "device": self.who.device,
            "incarnation": self.incarnation,
            "lane": "normal",
            "schema": 1,
            "after": {"seq": 0, "id": None},
            "sent_at": "2026-11-23T02:00:00.000Z",
            "groups": groups,
        }
        reply = self.who.post("/api/v1/sync/push", json=body)
        assert reply.status_code == 200, reply.text
        return list(reply.json["outcomes"])


def created(seq: int, type_: str, record: str | None = None, **data: Any) -> dict[str, Any]:
    """Return a create."""
    about = {"seq": seq, "id": new_id(), "op": "create", "type": type_, "record": record or new_id()}
    return about | {"data": data, "recorded_at": "2026-11-23T01:00:00.000Z"}


def a_case(seq: int, **more: Any) -> dict[str, Any]:
    number = mint(int(new_id().replace("-", ""), 16))
    about = {"reference_number": number, "received_on": "2026-11-20", "intake_channel": "walk_in"}
    return created(seq, "case", **about, intake_district="5401", area="540101", **more)


def photo_of(seq: int, record: str) -> tuple[dict[str, Any], UnsentFile]:
    """Return the record of a photo, and its bytes."""
    digest = sha256(PHOTO).hexdigest()
    about = {"owner_record": record, "sha256": digest, "size": len(PHOTO), "media_type": "image/jpeg"}
    made = created(seq, "attachment", **about)
    return made, UnsentFile(made["record"], digest, PHOTO)


def bring(who: Somebody, sealed: bytes) -> Any:
    """Leave a sealed delivery at the door."""
    return who.post("/api/v1/deliveries", data=sealed, headers={"Content-Type": "application/octet-stream"})


def key_text(key: bytes) -> str:
    return b64encode(key).decode()
