"""What devices receive and hold: promises 7, 8, 10, 11, 12, 13 and 22."""

import gzip
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from schemas.base import MERGED_INTO
from schemas.placement import BUCKET_KINDS
from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.headquarters import Answer, Request
from tests.simulation.phone import Phone, Sync
from tests.simulation.sight import Stored
from tests.simulation.words import in_old_words

Rows = dict[str, tuple[int, dict[str, Any]]]
"""Record -> (version, data)."""


class Visible:
    """A page brings what its reader may see and nothing else; a complete device holds exactly that."""

    def __init__(self) -> None:
        self._epochs: dict[str, str] = {}
        """In which epoch a device was complete. What left a bucket after a restore point comes back by its sum."""
        self._coming_back: dict[str, set[str]] = {}
        """Buckets that a device fetches again for that; another sync of it may still bring a page of before."""

    def began(self, fleet: Fleet) -> None:
        self.users = {phone.device: phone.user for phone in fleet.phones}
        self._first = fleet.sight.epoch

    def answered(self, fleet: Fleet, request: Request, answer: Answer) -> None:
        """10: no row, field or conflict reaches a device outside its grants at that commit."""
        if not request.path.endswith("/sync/pull") or answer.status != 200:
            return
        asked = body_of(request)
        if asked["schema"] < fleet.schema:
            return  # in older words; the mixed versions have a check of their own
        expected = seen_by(fleet, self.users[asked["device"]])
        for table in answer.json.get("tables", ()):
            for record, version, _, values in table["put"]:
                data = {name: value for name, value in zip(table["fields"], values, strict=True) if value is not None}
                _compare_row(f"10 masked for its reader: a page's {table['type']}", expected, record, version, data)

    def went_on(self, fleet: Fleet, sync: Sync, exchange: Any, answer: Answer | None) -> None:
        """8, 11, 12, 13: what a device holds after a complete pull is what its grants give, to the field."""
        if exchange is None or answer is None or not exchange.request.path.endswith("/sync/pull"):
            return
        if answer.status != 200 or not (reply := _json(answer)).get("complete"):
            return
        phone = sync.phone
        checkpoint = phone.rows("SELECT bucket, commit_number, record, refetch, live, checksum FROM checkpoint")
        if any(reply["checkpoint"].get(row[0]) != [row[1], row[2]] for row in checkpoint if not row[3]):
            return  # another sync of this device was quicker, and this page was not taken
        # what a push said was erased is gone already; a page from before counts it still, and is fetched again
        late = reply["commit"] < fleet.sight.commit and fleet.headquarters.rows("SELECT 1 FROM erasure LIMIT 1")
        if self._epochs.get(phone.name, self._first) == reply["epoch"] and not late:
            self._compare_sums(phone, reply, checkpoint)
        else:
            self._coming_back[phone.name] = {row[0] for row in checkpoint if row[3]}
        self._epochs[phone.name] = reply["epoch"]
        if not _fetches_more(sync) and not phone.damaged and reply["commit"] == fleet.sight.commit:
            compare_all(fleet, phone)

    def _compare_sums(self, phone: Phone, reply: Mapping[str, Any], checkpoint: list[Any]) -> None:
        """22, 7: at the end of a pull the sums agree; a device that must fetch a bucket again has missed something."""
        theirs = {bucket: (live, total) for bucket, (_, live, total) in reply.get("checksums", {}).items()}
        coming_back = self._coming_back.get(phone.name, set())
        coming_back &= {row[0] for row in checkpoint if row[3]}
        for bucket, _, _, _, live, total in checkpoint:
            if bucket in theirs and bucket not in coming_back and theirs[bucket] != (live, total):
                raise Violation(
                    "7 nothing is skipped", f"{bucket} of {phone.name}: {live} rows, not {theirs[bucket][0]}"
                )


def compare_all(fleet: Fleet, phone: Phone) -> None:
    """8: a device's rows equal what the centre's data and its grants say, in content.

    :raises Violation: with the first difference.
    """
    expected, held = seen_by(fleet, phone.user), rows_of(phone)
    if phone.old:
        expected = in_old_words(expected, {record: state.type for record, state in fleet.sight.records.items()})
    if missing := sorted(expected.keys() - held.keys()):
        kind = fleet.sight.records[missing[0]].type
        raise Violation("8 a device has what is its", f"{phone.name} lacks {kind} {missing[0][-6:]}")
    if extra := sorted(held.keys() - expected.keys()):
        kind = fleet.sight.records[extra[0]].type if extra[0] in fleet.sight.records else "unknown record"
        raise Violation("11 nothing stays", f"{phone.name} still holds {kind} {extra[0][-6:]}")
    for record, (version, data) in held.items():
        _compare_row(f"8 a device has what is its: {phone.name}'s row", expected, record, version, data)


def rows_of(phone: Phone) -> Rows:
    """Return what a device holds of the centre's state."""
    rows = phone.rows("SELECT id, version, data FROM record")
    return {record: (version, msgspec.json.decode(data)) for record, version, data in rows}


def seen_by(fleet: Fleet, user: str) -> Rows:
    """Return what a person may hold now, computed from the centre's data, the feed and their grants."""
    return cast(Rows, fleet.sight.once(f"seen by {user}", lambda: _seen_by(fleet, user)))


def _seen_by(fleet: Fleet, user: str) -> Rows:
    granted = fleet.sight.grants.get(user, frozenset())
    records, found = fleet.sight.records, {}
    for record, buckets in fleet.sight.feed.items():
        if mine := buckets & granted:
            found[record] = (records[record].version, shown(records[record], mine))
    return found


def shown(state: Stored, buckets: Iterable[str]) -> dict[str, Any]:
    """Return what of a record may be seen through some buckets, from the declarations' words alone."""
    kinds = [BUCKET_KINDS[bucket.partition(":")[0]] for bucket in buckets]
    own = {privacy.value for kind in kinds for privacy in kind.classes}
    others = {privacy.value for kind in kinds for privacy in kind.classes & kind.of_others}
    fields, data = RECORD_TYPES[state.type].fields, {}
    for name, value in state.data.items():
        spec = fields.get(name)
        privacy = spec.privacy.value if spec else "protected"
        if spec and spec.privacy_from:
            privacy = state.data.get(spec.privacy_from, "protected")
        if privacy in (others if name in state.by_others else own):
            data[name] = value
    if state.merged_into:
        data[MERGED_INTO] = state.merged_into
    return data


def _compare_row(promise: str, expected: Rows, record: str, version: int, data: Mapping[str, Any]) -> None:
    if record not in expected:
        raise Violation(promise, f"{record[-6:]} is not for them")
    wanted_version, wanted = expected[record]
    if version != wanted_version:
        raise Violation(promise, f"{record[-6:]} has version {version}, not {wanted_version}")
    if data != wanted:
        names = sorted(name for name in {*data, *wanted} if data.get(name) != wanted.get(name))
        raise Violation(promise, f"{record[-6:]} differs in {names}: {[data.get(name) for name in names]}")


def body_of(request: Request) -> Any:
    """Return the JSON of a request."""
    packed = request.headers.get("Content-Encoding") == "gzip"
    return msgspec.json.decode(gzip.decompress(request.body) if packed else request.body)


def _json(answer: Answer) -> Any:
    try:
        return answer.json or {}
    except msgspec.DecodeError:  # it was cut short
        return {}


def _fetches_more(sync: Sync) -> bool:
    """Tell whether the sync is still about to fetch or to send something."""
    if sync.exchange is None:
        return not sync.complete
    path = sync.exchange.request.path
    return path.endswith("/sync/pull") or (
        path.endswith("/sync/push") and bool(body_of(sync.exchange.request)["groups"])
    )
