"""The one recovery for a gap, a fork and a new epoch: a new incarnation sends the whole log again, ids kept."""

import msgspec

from field_kit import carrying, files, pages
from field_kit.checksums import Counter
from field_kit.database import Database
from field_kit.errors import GarbledReply
from field_kit.identity import change_identity, read_identity
from field_kit.surroundings import Surroundings
from sync.errors import DeviceForked, DeviceRevoked, EpochChanged, SequenceGap
from sync.mutation import Number, Uuid
from sync.sequence import LANES

Recoverable = (SequenceGap, DeviceForked, EpochChanged)

EVERYTHING = (1 << 62) - 1
"""What a centre kept that was not restored: every commit."""


def recover(
    database: Database,
    reason: SequenceGap | DeviceForked | EpochChanged,
    surroundings: Surroundings,
    incarnation: str | None = None,
) -> bool:
    """Make ready to send everything again, in one local transaction; tell whether that was needed.

    The centre knows the mutations that it has by their ids, says what became of them and applies them once only.

    ``incarnation``: the one that was refused. When another sync of this device has recovered since, the refusal is of
    a life that is over: nothing changes, or rows of the new epoch would be taken for rows of the old one.

    :raises GarbledReply: when the centre's word on its epoch cannot be read; nothing has changed then.
    """
    life = _life(reason) if isinstance(reason, EpochChanged) else None
    with database.transaction():
        if incarnation not in (None, read_identity(database).incarnation):
            return False
        change_identity(database, incarnation=surroundings.new_id())
        _renumber(database, life.restored_to if life else EVERYTHING)
        if life:
            _enter_epoch(database, life.epoch, life.restored_to)
    return True


class _Life(msgspec.Struct, frozen=True):
    """What a restored centre says of itself."""

    epoch: Uuid
    restored_to: Number = 0


def _life(reason: EpochChanged) -> _Life:
    """Read what a centre said of its epoch; a wrong one, once kept, could never be spoken of again.

    :raises GarbledReply: when it is no epoch and no commit.
    """
    try:
        return msgspec.convert(reason.extra, _Life)
    except msgspec.ValidationError as garbled:
        raise GarbledReply(str(garbled)) from garbled


def heed_restore(database: Database, cancelled: DeviceRevoked) -> None:
    """Let all that is here be sealed where the order to wipe says another epoch: the centre may have lost any of it.

    Numbers and bases stay as they are; the centre reads sealed work by the epoch that it names. Inside the caller's
    transaction.
    """
    said, known = cancelled.extra.get("epoch"), read_identity(database)
    if isinstance(said, str) and said != known.epoch:
        database.execute("UPDATE mutation SET unanswered = 1")
        database.execute("UPDATE file SET state = 'waiting', upload = NULL WHERE state = 'arrived'")
        carrying.keep(database, files.sealed(database), known.last_contact or "")


def _renumber(database: Database, kept: int) -> None:
    """Give the whole log numbers from 1 in both lanes; none of it has an answer of this incarnation.

    What a complete pull has shown, up to the commit that the centre ``kept``, is sent again and stays out of the
    overlay: laid over newer rows it would hide them, and later edits would rest on it. Of the rest the outcomes are
    forgotten. Erased ones stay so.
    """
    database.execute("UPDATE mutation SET seq = -seq")  # out of the way of the numbers to come
    for lane in LANES:
        ids = [row[0] for row in database.rows("SELECT id FROM mutation WHERE lane = ? ORDER BY seq DESC", (lane,))]
        database.executemany("UPDATE mutation SET seq = ? WHERE id = ?", list(enumerate(ids, start=1)))
        database.execute(
            "UPDATE lane SET last_seq = ?, pruned_seq = 0, pruned_id = NULL WHERE name = ?", (len(ids), lane)
        )
    database.execute("UPDATE mutation SET unanswered = 1")
    database.execute(
        """UPDATE mutation SET state = 'pending', outcome = NULL, detail = NULL, commit_number = NULL,
        code = CASE code WHEN 'erased' THEN code END WHERE NOT (state = 'settled' AND commit_number <= ?)""",
        (kept,),
    )
    database.execute("INSERT OR IGNORE INTO search_due SELECT DISTINCT record FROM mutation")
    change_identity(database, safe_through={}, exported=0)  # an export held only what had no outcome then


def _enter_epoch(database: Database, epoch: str, restored_to: int) -> None:
    """Step back to what the restored centre knows: cursors, bases, and rows newer than that (kept as witnesses)."""
    before = read_identity(database).epoch
    database.execute(
        "INSERT OR IGNORE INTO witness SELECT id, type, version, data, ? FROM record WHERE version > ?",
        (before, restored_to),
    )
    database.execute("DELETE FROM membership WHERE record IN (SELECT id FROM record WHERE version > ?)", (restored_to,))
    dropped = database.rows("DELETE FROM record WHERE version > ? RETURNING id", (restored_to,))
    pages.unsearch(database, [record for (record,) in dropped])
    database.execute("UPDATE mutation SET base = ? WHERE base > ?", (restored_to, restored_to))
    database.execute(
        "UPDATE checkpoint SET commit_number = ?, record = NULL WHERE commit_number > ?", (restored_to, restored_to)
    )
    # Bytes that arrived after the backup are gone there: the next upload asks, and sends what is missing.
    database.execute("UPDATE file SET state = 'waiting', upload = NULL WHERE state = 'arrived'")
    carrying.keep(database, files.sealed(database), read_identity(database).last_contact or "")
    change_identity(database, epoch=epoch, last_commit=min(read_identity(database).last_commit, restored_to))
    Counter.recount(database, pages.read_checkpoint(database))
