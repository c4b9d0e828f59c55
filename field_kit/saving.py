"""One press of Save: several edits and files, logged together in one local transaction or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from field_kit import editing, files, log, notices, store
from field_kit.database import Database
from field_kit.editing import Desk, Judged
from field_kit.errors import Invalid
from field_kit.identity import read_identity
from field_kit.surroundings import Surroundings
from schemas.base import Errors
from sync.erasing import ERASED

Judge = Callable[[Desk], Judged]


@dataclass(frozen=True)
class Saved:
    """What one Save logged. ``warnings``: by record and field, saved all the same."""

    records: tuple[str, ...]
    mutations: tuple[str, ...]
    warnings: Mapping[str, Errors]

    @property
    def record(self) -> str:
        """The first record."""
        return self.records[0]


@dataclass
class Save:
    """Collects edits inside ``with kit.save() as save:``; they are logged when the block ends without an error.

    The centre accepts them together or not at all.
    """

    database: Database
    surroundings: Surroundings
    saved: Saved = field(default_factory=lambda: Saved((), (), {}))
    _steps: list[tuple[str, Judge, files.NewFile | None]] = field(default_factory=list)

    def create(self, record_type: str, /, data: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """Add a new record and return its id, which other records of this Save may name."""
        kind, record = editing.type_named(record_type), self.surroundings.new_id()
        typed = {**(data or {}), **fields}
        self._steps.append((record, lambda desk: editing.creation(desk, kind, record, typed), None))
        return record

    def update(self, record: str, /, data: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """Change some fields; ``None`` empties one. A refused new record is sent anew, corrected."""
        typed = {**(data or {}), **fields}
        self._steps.append((record, lambda desk: _changed(desk, record, typed), None))

    def delete(self, record: str, /) -> None:
        """Delete a record."""
        self._steps.append((record, lambda desk: _removed(desk, record), None))

    def merge(self, record: str, /, into: str, reason: str) -> None:
        """Say that a record is the same person, household or incident as another, which goes on."""
        self._steps.append((record, lambda desk: _joined(desk, record, into, reason), None))

    def attach(self, record: str, path: Path | str, /, **fields: Any) -> str:
        """Add a photo or file to a record; its bytes are kept in the same transaction. Return the attachment's id.

        :raises FileTooLarge: before anything is saved.
        """
        file, kind, attachment = (
            files.read_file(Path(path)),
            editing.type_named("attachment"),
            self.surroundings.new_id(),
        )
        about = {"sha256": file.sha256, "size": len(file.content), "media_type": file.media_type, "name": file.name}
        typed = {"owner_record": record, **about, **fields}
        self._steps.append((attachment, lambda desk: editing.creation(desk, kind, attachment, typed), file))
        return attachment

    def __enter__(self) -> "Save":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._steps:
            self.saved = self._log()

    def _log(self) -> Saved:
        """Judge and log every edit in order; an error in one leaves nothing of any."""
        with self.database.transaction():
            return self._log_all()

    def _log_all(self) -> Saved:
        desk = Desk(self.database, read_identity(self.database), self.surroundings)
        group = log.GroupWriter(self.database, self.surroundings, desk.identity.limits)
        mutations: list[str] = []
        errors: dict[str, Errors] = {}
        warnings: dict[str, Errors] = {}
        mates: dict[str, log.Logged] = {}
        for record, judge, file in self._steps:
            mates |= {entry.mutation.id: entry for entry in _refused_with(self.database, record)}
            judged = judge(desk)
            if judged.errors:
                errors[record] = judged.errors
            elif judged.edit:
                mutations.append(group.add(judged.edit))
            if judged.warnings:
                warnings[record] = judged.warnings
            if file and not judged.errors:
                files.keep(self.database, record, file)
        if errors:
            raise Invalid(errors)
        records = tuple(dict.fromkeys(record for record, _, _ in self._steps))
        for entry in mates.values():
            if entry.mutation.record not in records:
                group.add(log.edit_of(entry), base=entry.mutation.base)
        self.database.executemany("INSERT OR IGNORE INTO search_due VALUES (?)", [(record,) for record in records])
        return Saved(records, tuple(mutations), warnings)


def _changed(desk: Desk, record: str, typed: Mapping[str, Any]) -> Judged:
    shown = store.going_on(desk.database, record)
    if shown:
        return editing.change(desk, shown, typed)
    refused = _refused_creation(desk.database, record)
    if refused is None:
        raise editing.missing(record)
    return editing.correction(desk, editing.type_named(refused.type), refused, typed)


def _refused_creation(database: Database, record: str) -> Any:
    """Return the last mutation of a record if it is a creation that the centre refused."""
    last = list(log.entries(database, "record = ? AND op = 'create'", (record,)))[-1:]
    refused = [entry.mutation for entry in last if entry.outcome == "rejected" and entry.code != ERASED]
    return refused[0] if refused else None


def _refused_with(database: Database, record: str) -> list[log.Logged]:
    """Return what was refused only because the creation of a record was, which was saved with it.

    It goes again with the corrected one: nobody should have to type it twice. What went again with another creation of
    that Save is there already. What is sealed since cannot, for nothing here can read it any more; it stays refused.
    """
    refused = _refused_creation(database, record)
    if refused is None:
        return []
    alone = "outcome = 'rejected' AND code IN ('group_rejected', 'returned') AND detail ->> 'errors' IS NULL"
    same = "save = (SELECT save FROM mutation WHERE id = ?) AND id <> ? AND sealed IS NULL"
    left = f"NOT ({notices.WENT_AGAIN})"
    return list(log.entries(database, f"{alone} AND {same} AND {left}", (refused.id, refused.id)))


def _joined(desk: Desk, record: str, into: str, reason: str) -> Judged:
    return editing.joining(desk, _present(desk, record), _present(desk, into), reason)


def _removed(desk: Desk, record: str) -> Judged:
    return editing.removal(desk, _present(desk, record))


def _present(desk: Desk, record: str) -> store.Record:
    shown = store.shown(desk.database, record)
    if shown is None:
        raise editing.missing(record)
    return shown
