"""One device as its officer holds it: the command ``field-kit``, each time in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from server.demo.photos import write_photo
from server.demo.plan import Create, Done, Photograph, Plan, Save, resolved
from server.demo.processes import CarryOut

PASSPHRASE = "รหัสผ่านสาธิต"

UNREACHABLE = 7
"""The exit code of a device that lost its signal: its work is safe, and the officer tries again."""

SYNCS_MAX = 10


class DeviceFailed(RuntimeError):
    """A command ended otherwise than an officer could accept."""


@dataclass
class Device:
    """A device, and what was made on it so far."""

    username: str
    folder: Path
    carry_out: CarryOut
    days_off: int = 0
    done: Done = field(default_factory=Done)

    @property
    def passphrase_file(self) -> Path:
        """Where the passphrase lies, since nobody is there to type it."""
        return self.folder / "passphrase"

    def made(self, type_: str) -> list[str]:
        """Return the ids of the records of a type that were made here."""
        return [record for record, of in self.done.types.items() if of == type_]

    def enrol(self, url: str, code: str) -> None:
        """Make the device its officer's."""
        self.folder.mkdir(parents=True)
        self.passphrase_file.write_text(PASSPHRASE, "utf-8")
        self.command("enrol", url, code, "--name", self.username)

    def send(self) -> dict[str, Any]:
        """Bring the work of two days home: by the clock it was done by, which is put right afterwards."""
        if self.days_off:
            self.work_fast([], sync=True)
        return self.sync()

    def sync(self) -> dict[str, Any]:
        """Send and fetch, again until nothing waits; return what the last sync counted, and how many it took.

        :raises DeviceFailed: when the signal never holds.
        """
        for tries in range(1, SYNCS_MAX + 1):
            code, said = self.run("sync")
            if code not in (0, UNREACHABLE):
                break
            if code == 0 and not (counts := json.loads(said))["files_waiting"]:
                return {**counts, "tries": tries}
        raise DeviceFailed(f"{self.username}: sync ended with {code}: {said}")

    def work(self, saves: Sequence[Save]) -> None:
        """Type each Save at the command line."""
        for save in saves:
            creates = [step for step in save if isinstance(step, Create)]
            if creates:
                self.create(creates)
            for step in save:
                if isinstance(step, Photograph):
                    self.attach(step)

    def create(self, creates: Sequence[Create]) -> None:
        """Record several things as one Save."""
        names = self.done.names
        known = {f"@{step.name}" for step in creates}
        steps = [
            {"type": step.type, "as": step.name, "data": resolved(step.data, names, leave=known)} for step in creates
        ]
        saved = self.command("new", given=steps)
        for step, record in zip(creates, saved["records"], strict=True):
            self.done.add(step.name, record, step.type)

    def attach(self, step: Photograph) -> None:
        """Attach a photo."""
        path = write_photo(self.folder, step.photo)
        saved = self.command("attach", self.done.names[step.of], str(path), f"kind={step.kind}")
        self.done.add(step.name, saved["records"][0], "attachment", sha256(path.read_bytes()).hexdigest())

    def work_fast(self, saves: Sequence[Save], *, sync: bool = False) -> None:
        """Do many Saves in one process through the kit's Python API: a command for each would only be slower."""
        plan = Plan(str(self.folder), PASSPHRASE, list(saves), self.done.names, self.days_off, sync)
        self.done.update(self.carry_out(plan))

    def command(self, *arguments: str, given: Any = None) -> Any:
        """Run one command of the kit and return its JSON answer.

        :raises DeviceFailed: with what it said.
        """
        code, said = self.run(*arguments, given=given)
        if code:
            raise DeviceFailed(f"{self.username}: field-kit {' '.join(arguments)} ended with {code}: {said}")
        return json.loads(said)

    def run(self, *arguments: str, given: Any = None) -> tuple[int, str]:
        """Run one command of the kit; return its exit code and what it said."""
        command = [sys.executable, "-m", "field_kit.cli", *arguments]
        command += ["--home", str(self.folder), "--passphrase-file", str(self.passphrase_file), "--json"]
        if given is not None:
            command += ["--input", "-"]
        typed = json.dumps(given, ensure_ascii=False) if given is not None else ""
        ended = subprocess.run(command, input=typed, capture_output=True, encoding="utf-8", check=False)
        return ended.returncode, ended.stdout + (ended.stderr if ended.returncode else "")
