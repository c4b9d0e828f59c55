"""What the officer of a recorded session was told, and whether a file left by a power cut holds it."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from field_kit.doctor import buckets_equal, log_dense, tables_sound
from field_kit.driver import DatabaseError
from field_kit.errors import KitError
from field_kit.home import find_database, key_path
from field_kit.keyfile import read_key, read_key_file
from field_kit.kit import FieldKit
from tests.acceptance.kit_process import PASSPHRASE

ALWAYS = (tables_sound, log_dense)
"""What the doctor asks each time; SQLCipher itself refuses a torn page. The rest where all was synced."""


@dataclass
class RecordedKit:
    """``home`` is the device as the session left it; its folder is never opened for writing here."""

    home: Path
    enrolled: bool = False
    mutations: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the last Save said, to be seen as the officer sees it."""
    syncs: int = 0

    @cached_property
    def key(self) -> bytes:
        return read_key(key_path(find_database(self.home)), PASSPHRASE)

    def hear(self, told: dict[str, Any]) -> None:
        """Note one line that the officer was shown."""
        self.enrolled |= "enrolled" in told
        self.mutations += told.get("mutations", [])
        self.known.update(told.get("mutations", []))
        self.files |= told.get("files", {})
        self.last = told.get("saved", self.last)
        self.syncs += told.get("syncing") is False

    def look(self, folder: Path, *, thoroughly: bool) -> list[str]:
        """Open a device that a power cut left behind."""
        if not self.enrolled:
            return []
        try:
            path = find_database(folder)
            read_key_file(key_path(path))
            with FieldKit.open_with_key(path, self.key) as kit:
                return self.missing_in(kit, thoroughly=thoroughly)
        except (KitError, DatabaseError, OSError, msgspec.MsgspecError) as error:
            return [f"the device does not open: {type(error).__name__}: {error}"]

    def missing_in(self, kit: FieldKit, *, thoroughly: bool) -> list[str]:
        """Say what of the promises an open file does not hold."""
        checks = (*ALWAYS, buckets_equal) if thoroughly else ALWAYS
        unsound = [each for check in checks for each in check(kit.database) if not each.ok]
        found = [f"the doctor says {each.code}: {each.detail}" for each in unsound]
        logged = dict(kit.database.rows("SELECT id, record FROM mutation WHERE json_valid(payload)"))
        found += [f"mutation {each} was saved and is not in the log" for each in self.mutations if each not in logged]
        newer = {record for mutation, record in logged.items() if mutation not in self.known}
        for record, wanted in self.last.items():
            shown = kit.get(record)
            data = shown.data if shown else {}
            if record not in newer and any(data.get(name) != value for name, value in wanted.items()):
                found.append(f"record {record} is not shown as it was saved")
        for attachment, digest in list(self.files.items())[0 if thoroughly else -1 :]:
            if sha256(kit.file(attachment)).hexdigest() != digest:
                found.append(f"the photo {attachment} is not whole")
        return found
