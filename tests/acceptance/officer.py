"""An officer who types fast: ``python -m tests.acceptance.officer HOME PASSPHRASE_FILE``, in a process of its own.

Each line of standard input is one press of Save; each is answered by a line once it is on disk. The same object that
the command line uses does the work; starting a command for each of hundreds of records would take minutes.

A line: ``{"after_s": 60, "steps": [["create", name, type, data], ["change", name, data], ["attach", of, path]]}``.
``after_s`` moves the device's clock on; ``"@name"`` in data is the id of what an earlier step called so.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from field_kit.kit import FieldKit
from field_kit.saving import Save
from field_kit.surroundings import Surroundings, now_utc, uuid7
from tests.acceptance.kit_process import Kit, started


class Clock:
    """The device's clock: wrong by so much, and moved on by what is said."""

    def __init__(self, error: timedelta) -> None:
        self.error = error

    def __call__(self) -> datetime:
        return now_utc() + self.error


def main(home: str, passphrase_file: str, error_s: str = "0") -> None:
    clock, names = Clock(timedelta(seconds=float(error_s))), dict[str, str]()
    surroundings = Surroundings(now=clock, new_id=partial(uuid7, clock))
    with FieldKit.open(home, Path(passphrase_file).read_text(), surroundings=surroundings) as kit:
        for line in sys.stdin:
            order = json.loads(line)
            clock.error += timedelta(seconds=order.get("after_s", 0))
            with kit.save() as save:
                for verb, *rest in order["steps"]:
                    take(save, names, verb, *rest)
            print(json.dumps(names), flush=True)


def take(save: Save, names: dict[str, str], verb: str, *rest: Any) -> None:
    """Do one step of a Save."""
    if verb == "create":
        name, kind, data = rest
        names[name] = save.create(kind, resolved(data, names))
    elif verb == "change":
        save.update(names.get(rest[0], rest[0]), resolved(rest[1], names))
    else:
        save.attach(names.get(rest[0], rest[0]), rest[1])


def resolved(value: Any, names: dict[str, str]) -> Any:
    """Return a value with ids where ``@name`` stands."""
    if isinstance(value, dict):
        return {key: resolved(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [resolved(each, names) for each in value]
    return names[value[1:]] if isinstance(value, str) and value.startswith("@") else value


# --- the test's side


class Typist:
    """The test's end of the officer's process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def press_save(self, *steps: list[Any], after_s: float = 0) -> None:
        """Order one Save without waiting for it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"after_s": after_s, "steps": steps}).encode() + b"\n")
        self.process.stdin.flush()

    def saved(self) -> dict[str, str] | None:
        """Wait for the answer to the next Save; ``None`` when the program is no more."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def type_all(self, saves: Iterable[list[list[Any]]]) -> dict[str, str]:
        """Order Saves one after the other, wait for each, and return the ids of all names."""
        names: dict[str, str] = {}
        for steps in saves:
            self.press_save(*steps)
            answer = self.saved()
            assert answer is not None, errors_of(self.process)
            names = answer
        return names


def errors_of(process: subprocess.Popen[bytes]) -> str:
    """Return what an ended process complained of."""
    assert process.stderr is not None
    return process.stderr.read().decode()


@contextmanager
def at_work(kit: Kit, *, clock_error: timedelta = timedelta()) -> Iterator[Typist]:
    """Let an officer sit at a device."""
    about = [str(kit.home), str(kit.passphrase_file), str(clock_error.total_seconds())]
    line = [sys.executable, "-m", "tests.acceptance.officer", *about]
    with started(line, stdin=subprocess.PIPE) as process:
        yield Typist(process)
        assert process.stdin is not None
        process.stdin.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
