"""Seal to the centre what nobody on this device shall read any more; only the centre's private key opens it."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence

import msgspec
from nacl.public import PublicKey, SealedBox

from field_kit.database import Database
from field_kit.export import Part, sealed_parts
from field_kit.files import WaitingFile, keep_sealed
from field_kit.identity import change_identity, read_identity
from field_kit.log import Logged, entries
from sync.errors import DeviceRevoked
from sync.unsent import EXPORT
from sync.version import SCHEMA_VERSION


def seal(content: bytes, centre_key: str) -> bytes:
    """Return a SealedBox to the centre's public key (base64)."""
    return bytes(SealedBox(PublicKey(b64decode(centre_key))).encrypt(content))


def learn_key(database: Database, cancelled: DeviceRevoked) -> None:
    """Keep the centre's public key that came with an order, where enrolment gave none: then all can be sealed.

    Inside the caller's transaction.
    """
    said = cancelled.extra.get("centre_public_key")
    if read_identity(database).centre_public_key is None and isinstance(said, str) and _is_key(said):
        change_identity(database, centre_public_key=said)


def _is_key(text: str) -> bool:
    try:
        return len(b64decode(text, validate=True)) == PublicKey.SIZE
    except ValueError:
        return False


def seal_departed(database: Database, records: Sequence[str]) -> int:
    """Seal the settled edits of those of some records that have left this device, inside the caller's transaction.

    What the centre refused or holds of a record made here stays readable: its author has yet to correct it. Of one that
    was corrected the last creation counts. Without the centre's key nothing can be sealed.
    """
    centre_key = read_identity(database).centre_public_key
    if not records or centre_key is None:
        return 0
    ids = msgspec.json.encode(list(records)).decode()
    sealed = [(_sealed(entry, centre_key), entry.mutation.id) for entry in entries(database, _DEPARTED, (ids,))]
    database.executemany("UPDATE mutation SET sealed = ?, payload = '{}' WHERE id = ?", sealed)
    seal_photos(database, records)
    return len(sealed)


def seal_photos(database: Database, attachments: Sequence[str]) -> None:
    """Put a sealed delivery in the place of each photo that has arrived and whose record has left this device.

    Inside the caller's transaction. A restored centre that lost the photo gets the delivery.
    """
    identity, ids = read_identity(database), msgspec.json.encode(list(attachments)).decode()
    for row in database.rows(_PHOTOS, (ids,)):
        file = WaitingFile(*row)
        parts = sealed_parts(database, [Part([], [file])], EXPORT, identity.last_contact or "-")
        keep_sealed(database, file.attachment, next(parts))


_PHOTOS = """SELECT attachment, sha256, size, upload FROM file WHERE state = 'arrived'
    AND attachment IN (SELECT value FROM json_each(?))
    AND EXISTS (SELECT 1 FROM mutation WHERE record = attachment AND sealed IS NOT NULL)"""


_DEPARTED = """state = 'settled' AND sealed IS NULL AND record IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM record AS held WHERE held.id = mutation.record)
    AND NOT EXISTS (SELECT 1 FROM mutation AS made WHERE made.record = mutation.record AND made.op = 'create'
        AND (made.state <> 'settled' OR made.outcome IN ('rejected', 'held'))
        AND NOT EXISTS (SELECT 1 FROM mutation AS anew WHERE anew.record = made.record AND anew.op = 'create'
            AND anew.rowid > made.rowid))"""


def _sealed(entry: Logged, centre_key: str) -> str:
    """Return a mutation as it travels, deflated (base64 makes it longer again) and sealed."""
    written = msgspec.structs.replace(entry.sent, schema=entry.sent.schema or SCHEMA_VERSION)
    return b64encode(seal(zlib.compress(msgspec.json.encode(written)), centre_key)).decode()
