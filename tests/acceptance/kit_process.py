"""A field kit as it really runs: the command ``field-kit`` in a process of its own, one folder per device."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from field_kit.home import find_database, key_path
from field_kit.keyfile import Strength, change_passphrase, read_key
from tests.acceptance.command_server import CommandServer
from tests.acceptance.server_process import ROOT, clean_environment, end_group

PASSPHRASE = "ผ่าฟืนวันฝนตก"

WEAK = Strength(passes=1, memory_bytes=8_192)
"""Nobody steals this laptop; a passphrase that is quick to try saves a minute over all commands."""

COMMANDS = CommandServer()


class CommandFailed(AssertionError):
    """A command ended with another code than 0."""

    def __init__(self, command: Sequence[str], code: int, said: Any, errors: str) -> None:
        super().__init__(f"{' '.join(command)} ended with {code}: {said}\n{errors}")
        self.code = code
        self.said = said


@dataclass(eq=False)
class Kit:
    """One device of one person. ``clock_error``: how wrong its clock is."""

    home: Path
    user: dict[str, Any] = field(default_factory=dict)
    device: str = ""
    clock_error: timedelta = timedelta()

    @classmethod
    def enrol(cls, home: Path, url: str, code: str, *, clock_error: timedelta = timedelta()) -> "Kit":
        """Make the folder somebody's device."""
        kit = cls(home, clock_error=clock_error)
        kit.desk.mkdir()
        kit.passphrase_file.write_text(PASSPHRASE)
        told = kit.run("enrol", url, code)
        kit.user, kit.device = told["user"], told["device"]
        key_file = key_path(find_database(home))
        change_passphrase(key_file, read_key(key_file, PASSPHRASE), PASSPHRASE, WEAK)
        return kit

    @property
    def desk(self) -> Path:
        """Where the passphrase lies, and what commands read and say."""
        return self.home.with_suffix(".desk")

    @property
    def passphrase_file(self) -> Path:
        return self.desk / "passphrase"

    def arguments(self, name: str, *more: str, as_json: bool = True) -> list[str]:
        """Return the words of one command."""
        shared = ("--home", str(self.home), "--passphrase-file", str(self.passphrase_file))
        return [name, *shared, *(["--json"] if as_json else []), *more]

    def run(self, name: str, *arguments: str, given: Any = None) -> Any:
        """Run one command to its end and return what it says.

        :raises CommandFailed: when it ends with another code than 0.
        """
        more = ["--input", "-"] if given is not None else []
        code, said, errors = self._run(self.arguments(name, *arguments, *more), json.dumps(given))
        told = json.loads(said) if said.strip() else None
        if code:
            raise CommandFailed([name, *arguments], code, told, errors)
        return told

    def say(self, name: str, *arguments: str) -> str:
        """Run one command as a person does and return what they read, in one line."""
        code, said, errors = self._run(self.arguments(name, *arguments, as_json=False))
        assert code == 0, errors
        return " ".join(said.split())

    def _run(self, arguments: list[str], given: str = "") -> tuple[int, str, str]:
        (self.desk / "in").write_text(given)
        code = COMMANDS.run(["field-kit", *arguments], self.desk, self.clock_error)
        return code, (self.desk / "out").read_text("utf-8"), (self.desk / "err").read_text("utf-8")

    @contextmanager
    def running(self, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command beside the test, to be killed; whatever is left of it at the end is ended."""
        assert not self.clock_error
        with started([sys.executable, "-m", "field_kit.cli", *self.arguments(name, *arguments)]) as process:
            yield process

    def new(self, record_type: str, **data: Any) -> str:
        """Record something new and return its id."""
        return str(self.run("new", record_type, given=data)["records"][0])

    def save(self, *steps: dict[str, Any]) -> list[str]:
        """Record several new things with one press of Save and return their ids."""
        return list(self.run("new", given=list(steps))["records"])

    def edit(self, record: str, **data: Any) -> Any:
        return self.run("edit", record, given=data)

    def show(self, record: str) -> Any:
        """Return a record as its holder sees it; ``None`` when it is not there."""
        try:
            return self.run("show", record)
        except CommandFailed as failed:
            if failed.said["error"] != "unknown_record":
                raise
            return None

    def all(self, record_type: str) -> dict[str, dict[str, Any]]:
        """Return the records of a type as their holder sees them, by id."""
        return {each["id"]: each["data"] for each in self.run("list", record_type, "--limit", "1000")}

    def sync(self) -> Any:
        return self.run("sync")

    def outbox(self, *, everything: bool = False) -> list[dict[str, Any]]:
        return list(self.run("outbox", *(["--all"] if everything else [])))

    def sound(self) -> bool:
        """Tell whether the doctor finds nothing wrong."""
        return all(finding["ok"] for finding in self.run("doctor"))


@contextmanager
def started(line: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a group of its own; at the end of the block it is ended if it still runs."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    process = subprocess.Popen(line, cwd=ROOT, env=clean_environment(), start_new_session=True, **streams)
    try:
        yield process
    finally:
        end_group(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()
