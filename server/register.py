"""The register: what must hold even after the database was restored from an older backup.

An append-only file of JSON lines beside the database, or on another disk (setting ``register_file``). A backup takes
the database back in time; erasures, revocations and what devices confirmed of them must not go back with it, and every
epoch must stay known.
"""

import fcntl
import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

LOG = logging.getLogger("husec")

Kind = Literal["erasure", "revocation", "wiped", "epoch"]
KINDS: frozenset[str] = frozenset(get_args(Kind))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line.

    ``facts`` of an erasure: record, type, at, by, reason, and ``records``, all that went with it: id, type, buckets. Of
    a revocation: device, order, at, user, and tokens (hash -> until when). Of ``wiped``: device, and at, when it said
    that it had deleted everything. Of an epoch: id, parent, restored_to, started_at.
    """

    kind: str
    facts: dict[str, Any]

    @property
    def line(self) -> str:
        """The entry as it is written."""
        return json.dumps({"kind": self.kind, **self.facts}, ensure_ascii=False, sort_keys=True)


class Register:
    """One file of entries, shared by every process of a centre."""

    def __init__(self, path: Path) -> None:
        """Keep where it is; the file is made by the first entry."""
        self.path = path

    def append(self, kind: Kind, **facts: Any) -> None:
        """Write one entry; it is on disk when this returns.

        A line that a power cut tore is closed first, so that it never swallows the next one.
        """
        self.extend([Entry(kind, facts)])

    def extend(self, entries: list[Entry]) -> None:
        """Write several entries with one wait for the disk."""
        if not entries:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            lines = "".join(f"{entry.line}\n" for entry in entries).encode()
            _write(descriptor, lines if _ends_whole(file.fileno()) else b"\n" + lines)
            os.fsync(descriptor)
        if new:
            _sync_folder(self.path.parent)

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first. A line that cannot be read is skipped and logged; see ``damaged``."""
        return self._read()[0]

    def damaged(self) -> list[int]:
        """Return the numbers of the lines that cannot be read, from 1. A torn last one was never acknowledged."""
        return self._read()[1]

    def of_kind(self, kind: Kind) -> list[dict[str, Any]]:
        """Return the facts of all entries of one kind, oldest first."""
        return [entry.facts for entry in self.entries() if entry.kind == kind]

    def _read(self) -> tuple[list[Entry], list[int]]:
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return [], []
        found, damaged = [], []
        for number, line in enumerate(lines, 1):
            entry = entry_of(line) if line else None
            if entry is not None:
                found.append(entry)
            elif line:
                damaged.append(number)
                LOG.warning("a line of the register cannot be read", extra={"facts": {"line": number}})
        return found, damaged


def entry_of(line: bytes) -> Entry | None:
    """Return the entry of a line; ``None`` when it is torn or no entry."""
    try:
        facts = json.loads(line)
    except ValueError:
        return None
    if not isinstance(facts, dict) or facts.get("kind") not in KINDS:
        return None
    return Entry(str(facts.pop("kind")), facts)


def _ends_whole(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
