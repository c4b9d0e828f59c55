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

from tests.acceptance.server_process import ROOT, clean_environment, end_group

PASSPHRASE = "ผ่าฟืนวันฝนตก"
DEADLINE_S = 120


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

    @property
    def passphrase_file(self) -> Path:
        return self.home.with_suffix(".passphrase")

    @classmethod
    def enrol(cls, home: Path, url: str, code: str, *, clock_error: timedelta = timedelta()) -> "Kit":
        """Make the folder somebody's device."""
        kit = cls(home, clock_error=clock_error)
        kit.passphrase_file.write_text(PASSPHRASE)
        told = kit.run("enrol", url, code)
        kit.user, kit.device = told["user"], told["device"]
        return kit

    def argv(self, program: Sequence[str], *more: str) -> list[str]:
        """Return a command line that runs a program with this device's clock."""
        if self.clock_error:
            wrong = ["tests.acceptance.at_another_time", str(self.clock_error.total_seconds()), program[0]]
            return [sys.executable, "-m", *wrong, *program[1:], *more]
        return [sys.executable, "-m", *program, *more]

    def command(self, name: str, *arguments: str) -> list[str]:
        """Return the line of one command, answering JSON."""
        shared = ("--home", str(self.home), "--passphrase-file", str(self.passphrase_file), "--json")
        return self.argv(["field_kit.cli", name], *shared, *arguments)

    def run(self, name: str, *arguments: str, given: Any = None) -> Any:
        """Run one command to its end and return what it says.

        :raises CommandFailed: when it ends with another code than 0.
        """
        line = self.command(name, *arguments, *(("--input", "-") if given is not None else ()))
        done = subprocess.run(
            line, input=json.dumps(given or {}), capture_output=True, text=True, cwd=ROOT,
            env=clean_environment(), timeout=DEADLINE_S,
        )  # fmt: skip
        said = json.loads(done.stdout) if done.stdout.strip() else None
        if done.returncode:
            raise CommandFailed([name, *arguments], done.returncode, said, done.stderr)
        return said

    def say(self, name: str, *arguments: str) -> str:
        """Run one command as a person does and return what they read, in one line."""
        line = [part for part in self.command(name, *arguments) if part != "--json"]
        wide = clean_environment() | {"COLUMNS": "1000"}
        done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, env=wide, timeout=DEADLINE_S, check=True)
        return " ".join(done.stdout.split())

    @contextmanager
    def running(self, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command beside the test; whatever is left of it at the end is killed."""
        with started(self.command(name, *arguments)) as process:
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
