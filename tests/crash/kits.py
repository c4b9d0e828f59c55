"""A kit under test: its folder, what its officer was told is saved, and whether that is so."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import bindparam, text

from field_kit.errors import Unreachable
from field_kit.kit import FieldKit
from server.models.engine import make_engine, reading
from sync.errors import ProtocolError
from tests.acceptance.kit_process import PASSPHRASE, WEAK
from tests.acceptance.office import PHRAE, Office
from tests.crash.forks import Forked, Forks
from tests.crash.kit_driver import WORLD

LOADED = ("tests.crash.kit_driver", "field_kit.transport", "field_kit.migrations", "field_kit.app_update")
SYNCS_MAX = 40


@dataclass
class MortalKit:
    """One device whose program dies. ``saved``, ``mutations``, ``files``: what the officer was told."""

    home: Path
    tag: str
    desk: Path
    """Beside it lie what the program says and what it complains of."""
    saved: dict[str, dict[str, Any]] = field(default_factory=dict)
    mutations: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    """Records that were saved since the last look."""
    syncing: bool = False
    syncs: int = 0
    full: int = 0
    problems: list[str] = field(default_factory=list)
    running: Forked | None = None
    _read: int = 0

    @classmethod
    def enrol(
        cls, office: Office, home: Path, tag: str, url: str | None = None, desk: Path | None = None
    ) -> "MortalKit":
        """Give somebody of the province a device."""
        code = office.code(office.person(f"social_worker@{PHRAE.scope}"))
        FieldKit.enrol(url or office.server.url, code, home, PASSPHRASE, strength=WEAK).close()
        return cls(home, tag, desk or home)

    @property
    def said(self) -> Path:
        return self.desk.with_suffix(".said")

    @property
    def log(self) -> Path:
        return self.desk.with_suffix(".log")

    def start(self, forks: Forks, seed: int, **options: Any) -> None:
        """Let the officer work."""
        arguments = [str(self.home), self.tag, seed, *options.values()]
        self.running = forks.start("tests.crash.kit_driver:work", *arguments, log=self.log, said=self.said)

    def kill(self) -> None:
        """Kill the program and read what it had said."""
        assert self.running is not None
        self.running.kill()
        self.listen()

    def listen(self) -> None:
        """Read what was said since the last time; a half line was not said."""
        content = self.said.read_bytes()[self._read :] if self.said.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            self.hear(json.loads(line))

    def hear(self, told: dict[str, Any]) -> None:
        """Note one line."""
        for record, data in told.get("saved", {}).items():
            self.saved.setdefault(record, {}).update(data)
            self.fresh.add(record)
        self.mutations += told.get("mutations", [])
        self.files |= told.get("files", {})
        self.syncing = told.get("syncing", self.syncing)
        self.syncs += "syncing" in told and not told["syncing"]
        self.full += "full" in told
        if told.get("problem"):
            self.problems.append(told["problem"])

    def open(self) -> FieldKit:
        """Open the device with the kit's own code."""
        return FieldKit.open(self.home, PASSPHRASE, surroundings=WORLD)

    def check(self, *, everything: bool = False) -> list[str]:
        """Open the file and look whether what the officer was told is so."""
        with self.open() as kit:
            wanted = set(self.saved) if everything else self.fresh
            self.fresh = set()
            return problems_in(kit, {each: self.saved[each] for each in wanted}, self.mutations, self.files)

    def sync_all(self) -> list[str]:
        """Sync until nothing waits; the deep check and the doctor must find nothing."""
        with self.open() as kit:
            for _ in range(SYNCS_MAX):
                try:
                    finding = kit.check_contents()
                except (Unreachable, ProtocolError):
                    continue
                standing = kit.status()
                if not (standing.waiting or standing.files_waiting):
                    wrong = [each.code for each in [finding, *kit.doctor()] if not each.ok]
                    return [f"{self.tag}: {code}" for code in wrong if code != "room_left"]
        return [f"{self.tag}: something still waits after {SYNCS_MAX} syncs"]


def problems_in(
    kit: FieldKit, saved: dict[str, dict[str, Any]], mutations: list[str], files: dict[str, str]
) -> list[str]:
    """Say what of the officer's work an open file does not hold."""
    found = [f"integrity_check: {row[0]}" for row in kit.database.rows("PRAGMA integrity_check") if row[0] != "ok"]
    told = set(mutations)
    last = dict(kit.database.rows("SELECT record, id FROM mutation ORDER BY rowid"))
    logged = {row[0] for row in kit.database.rows("SELECT id FROM mutation")}
    found += [f"mutation {each} was saved and is not in the log" for each in mutations if each not in logged]
    for record, wanted in saved.items():
        if last.get(record) not in told:  # a later Save is on disk of which the program died before it could say so
            continue
        shown = kit.get(record)
        data = shown.data if shown else {}
        wrong = sorted(name for name, value in wanted.items() if data.get(name) != value)
        if wrong:
            found.append(f"record {record} does not show {', '.join(wrong)}")
        digest = files.get(record)
        if digest and sha256(kit.file(record)).hexdigest() != digest:
            found.append(f"the photo {record} is not whole")
    return found


def at_the_centre_once(url: str, blobs: Path, kits: list[MortalKit]) -> list[str]:
    """Say what the kits saved and the centre does not have, or has twice."""
    engine, found = make_engine(url), list[str]()
    query = text("SELECT id, count(*) AS count, min(outcome) AS outcome FROM mutation WHERE id IN :ids GROUP BY id")
    query = query.bindparams(bindparam("ids", expanding=True))
    with reading(engine) as connection:
        for kit in kits:
            for start in range(0, len(kit.mutations), 400):
                ids = kit.mutations[start : start + 400]
                rows = {row.id: row for row in connection.execute(query, {"ids": ids})}
                found += [f"{kit.tag}: mutation {each} never arrived" for each in ids if each not in rows]
                found += [f"{kit.tag}: mutation {row.id}: {row.outcome} × {row.count}" for row in rows.values()
                          if row.count != 1 or row.outcome not in ("applied", "unchanged")]  # fmt: skip
    engine.dispose()
    for kit in kits:
        for digest in kit.files.values():
            path = blobs / digest[:2] / digest
            if not path.exists() or sha256(path.read_bytes()).hexdigest() != digest:
                found.append(f"{kit.tag}: a photo is not whole at the centre")
    return found


def seed_of(random: Random) -> int:
    """Return a seed for something that is started now."""
    return random.getrandbits(48)
