"""Send photo bytes after their records, resumably; acknowledged only on the centre's word about the hash."""

from collections.abc import Sequence
from functools import partial

from field_kit import files
from field_kit.session import Session
from field_kit.tally import Stage
from field_kit.tus import Upload


def upload_files(session: Session) -> None:
    """Send every file whose record the centre has accepted."""
    ready = files.ready(session.database)
    if ready:
        _confirm(session, ready)
        ready = files.ready(session.database)
    for done, file in enumerate(ready):
        session.progress(Stage.FILES, done, len(ready))
        session.patiently(partial(_send, session, file.attachment))
        _confirm(session, [file])
        session.progress(Stage.FILES, done + 1, len(ready))
    session.tally.files_waiting = len(files.waiting(session.database))


def _send(session: Session, attachment: str) -> None:
    """Send from where the last attempt stopped, which is read anew each time."""
    database = session.database
    file = files.one(database, attachment)
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
    hashes = {file.attachment: file.sha256 for file in sent}
    verified = session.patiently(partial(session.transport.verified_files, hashes))
    files.mark_arrived(session.database, verified)
    session.tally.files += len(verified)


def _ignore(_: int) -> None:
    """Take no notice of bytes on their way."""
