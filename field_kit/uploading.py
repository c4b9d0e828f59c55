"""Send photo bytes after their records, resumably; acknowledged only on the centre's word about the hash."""

from collections.abc import Sequence
from functools import partial

from field_kit import files
from field_kit.errors import ServerRefused
from field_kit.identity import read_identity
from field_kit.pushing import push_urgent
from field_kit.sealing import seal_photos
from field_kit.session import Session
from field_kit.tally import Stage
from field_kit.tus import Upload
from sync.errors import NotPermitted, PayloadTooLarge, ValidationFailed

ASKED_MAX = 500
"""Files in one question about what arrived."""

MISMATCH = "upload_mismatch"
"""Offset or hash differ: the next attempt asks where the upload stands, or begins anew."""

MISMATCHES_MAX = 3

OF_ONE_FILE = frozenset({MISMATCH, "not_found"})
"""Refusals that say nothing about the other files."""


def upload_files(session: Session) -> None:
    """Send every file whose record the centre has accepted; one that is refused does not stop the others."""
    ready = files.ready(session.database)
    if ready:
        _confirm(session, ready)
        ready = files.ready(session.database)
    for done, file in enumerate(ready):
        push_urgent(session)
        session.progress(Stage.FILES, done, len(ready))
        if _sent(session, file.attachment):
            _confirm(session, [file])
        session.progress(Stage.FILES, done + 1, len(ready))
    session.tally.files_waiting = len(files.waiting(session.database))


def _sent(session: Session, attachment: str) -> bool:
    """Send a file; tell whether the centre took it. What it refuses now is tried again at the next sync."""
    for _ in range(MISMATCHES_MAX):
        try:
            session.patiently(partial(_send, session, attachment))
        except ServerRefused as refused:
            if refused.facts["server_code"] not in OF_ONE_FILE:
                raise
            if refused.facts["server_code"] != MISMATCH:
                return False
        except (NotPermitted, PayloadTooLarge, ValidationFailed):
            return False
        else:
            return True
    return False


def _send(session: Session, attachment: str) -> None:
    """Send from where the last attempt stopped, which is read anew each time."""
    database = session.database
    file = files.one(database, attachment)
    if file is None:
        return  # another sync of this device was quicker, and a backup covers it
    session.transport.upload(
        Upload(
            attachment=attachment,
            sha256=file.sha256,
            content=files.content_of(database, attachment),
            address=file.upload,
            remember=partial(files.remember_upload, database, attachment),
            moved=_ignore,
        )
    )


def _confirm(session: Session, sent: Sequence[files.WaitingFile]) -> None:
    for start in range(0, len(sent), ASKED_MAX):
        hashes = {file.attachment: file.sha256 for file in sent[start : start + ASKED_MAX]}
        epoch = read_identity(session.database).epoch
        verified = session.patiently(partial(session.transport.verified_files, hashes))
        with session.storing(epoch) as current:
            if current:
                files.mark_arrived(session.database, verified)
                seal_photos(session.database, verified)
                session.tally.files += len(verified)


def _ignore(_: int) -> None:
    """Take no notice of bytes on their way."""
