"""No photo is lost, and none counts as arrived before its hash was checked: promises 1 and 6 for bytes."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from server.blobs import Blobs
from tests.simulation.enrolling_again import is_stranded
from tests.simulation.fleet import Backup, Fleet, Violation
from tests.simulation.phone import Phone
from tests.simulation.sealed import sealed_photos


@dataclass(frozen=True)
class Photo:
    """One photo that somebody attached."""

    attachment: str
    mutation: str
    sha256: str
    phone: str


class Photos:
    """Bytes are on the device until a verified backup has them, and at the centre when a device says so."""

    def __init__(self) -> None:
        self._photos: dict[str, Photo] = {}
        self._touched: dict[str, Phone] = {}
        self._states: dict[str, dict[str, str]] = {}
        self._in_backups: set[str] = set()
        self._backups: list[Backup] = []
        self._forgiven: set[str] = set()
        self._replaced: set[str] = set()

    def saved(self, fleet: Fleet, phone: Phone, ids: list[str]) -> None:
        for id_ in ids:
            promise = fleet.journal.promises[id_]
            if promise.type == "attachment" and promise.op == "create":
                self._photos.setdefault(
                    promise.record, Photo(promise.record, id_, promise.payload["data"]["sha256"], phone.name)
                )
        self._touched[phone.name] = phone

    def went_on(self, fleet: Fleet, sync: Any, exchange: Any, answer: Any) -> None:
        self._touched[sync.phone.name] = sync.phone

    def restarted(self, fleet: Fleet, phone: Phone) -> None:
        self._touched[phone.name] = phone

    def replaced(self, fleet: Fleet, phone: Phone) -> None:
        self._states.pop(phone.name, None)
        self._replaced.add(phone.name)

    def backed_up(self, fleet: Fleet, made: Backup) -> None:
        self._backups.append(made)

    def restored(self, fleet: Fleet, made: Backup) -> None:
        """25: a restore to a backup not older than what devices were told is safe loses no photo."""
        if fleet.journal.backed_up <= made.ledger:
            here = {phone.name for phone in fleet.phones} - self._replaced
            for photo in self._missing(fleet):
                if photo.phone in here:
                    raise Violation("25 a restore loses nothing", f"photo {photo.attachment[-6:]} of {photo.phone}")

    def forgave(self, fleet: Fleet) -> None:
        self._forgiven |= {photo.attachment for photo in self._missing(fleet)}

    def check(self, fleet: Fleet) -> None:
        if not self._photos:
            self._touched = {}
            return
        fleet.sight.once("files at the centre", lambda: _hold_what_they_say(fleet))
        for phone in self._touched.values():
            if not phone.gone:
                self._look_at(fleet, phone)
        self._touched = {}
        if lost := self._missing(fleet):
            raise Violation("1 no photo is lost", f"photo {lost[0].attachment[-6:]} of {lost[0].phone}")

    def at_peace(self, fleet: Fleet) -> None:
        """3: every photo of a live record has arrived; who may send nothing any more keeps theirs."""
        for phone in fleet.phones:
            for (attachment,) in phone.rows("SELECT attachment FROM file WHERE state <> 'sealed'"):
                state, photo = fleet.sight.records.get(attachment), self._photos.get(attachment)
                if photo is None or state is None or state.deleted or _has(fleet, photo):
                    continue
                if state.owner == phone.user and _may_send(fleet, phone) and not is_stranded(fleet, phone):
                    raise Violation("3 everything arrives", f"photo {attachment[-6:]} of {phone.name}")

    # --- on devices

    def _look_at(self, fleet: Fleet, phone: Phone) -> None:
        before = self._states.get(phone.name, {})
        now = {row[0]: row[1] for row in phone.rows("SELECT attachment, state FROM file")}
        for attachment, state in now.items():
            photo = self._photos.get(attachment)
            if photo is None or state == before.get(attachment):
                continue
            if state == "arrived" and not _has(fleet, photo):
                raise Violation(
                    "5 acknowledged after its hash", f"photo {attachment[-6:]} of {phone.name} is not there"
                )
            if state != "sealed" and sha256(phone.kit.file(attachment)).hexdigest() != photo.sha256:
                raise Violation("1 no photo is lost", f"the bytes of {attachment[-6:]} on {phone.name} are others")
        for attachment in before.keys() - now.keys():
            self._may_forget(fleet, phone, self._photos.get(attachment))
        self._states[phone.name] = now

    def _may_forget(self, fleet: Fleet, phone: Phone, photo: Photo | None) -> None:
        """6: what a device no longer has is in a verified backup, bytes and all, or is nobody's any more."""
        if photo is None:
            return
        state = fleet.sight.records.get(photo.attachment)
        safe = any(each.verified and photo.sha256 in each.files for each in self._backups)
        if not safe and state is not None and not state.deleted:
            what = f"photo {photo.attachment[-6:]} left {phone.name}; no verified backup has its bytes"
            raise Violation("6 pruned only when safe", what)

    # --- anywhere

    def _missing(self, fleet: Fleet) -> list[Photo]:
        """Return the photos of live records whose bytes are neither at the centre nor on a device."""
        records, found = fleet.sight.records, []
        for photo in self._photos.values():
            state = records.get(photo.attachment)
            if state is None or state.deleted or photo.attachment in self._forgiven or _has(fleet, photo):
                continue
            if not any(photo.attachment in self._on(phone) for phone in fleet.phones):
                found.append(photo)
        sealed = sealed_photos(fleet) if found else ()
        return [photo for photo in found if (photo.attachment, photo.sha256) not in sealed]

    def _on(self, phone: Phone) -> set[str]:
        return {row[0] for row in phone.rows("SELECT DISTINCT attachment FROM file_chunk")} | {
            row[0] for row in phone.rows("SELECT attachment FROM file WHERE size = 0")
        }


def _has(fleet: Fleet, photo: Photo) -> bool:
    """Tell whether the centre has the bytes of a photo, sent for it, and says so."""
    sent = fleet.sight.once("finished uploads", lambda: _finished(fleet))
    return (photo.attachment, photo.sha256) in sent and fleet.headquarters.centre.blobs.path_of(photo.sha256).exists()


def _finished(fleet: Fleet) -> set[tuple[str, str]]:
    return set(fleet.headquarters.rows("SELECT attachment, sha256 FROM upload WHERE finished_at IS NOT NULL"))


def _hold_what_they_say(fleet: Fleet) -> bool:
    """5: what the centre says has arrived is there, with that hash.

    :raises Violation: for the first that is not.
    """
    blobs: Blobs = fleet.headquarters.centre.blobs
    for (digest,) in fleet.headquarters.rows("SELECT sha256 FROM blob"):
        path = blobs.path_of(digest)
        if not path.exists() or sha256(path.read_bytes()).hexdigest() != digest:
            raise Violation("5 acknowledged after its hash", f"file {digest[:8]} of the centre")
    return True


def _may_send(fleet: Fleet, phone: Phone) -> bool:
    return bool(fleet.headquarters.rows('SELECT 1 FROM bucket_grant WHERE "user" = ? AND until IS NULL', (phone.user,)))
