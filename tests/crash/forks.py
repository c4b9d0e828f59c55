"""Processes that start at once: forked from one that has the program loaded already, and killed without being asked.

Loading the program takes two seconds, which a thousand kills cannot afford. What is forked shares nothing with the
one before but the loaded code: no file, no connection, no thread.
"""

import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from tests.acceptance.server_process import ROOT, clean_environment, end_group

SET_CHILD_SUBREAPER = 36
"""Of prctl(2): orphans of what was killed come here to be reaped."""


@dataclass
class Forked:
    """One forked process, the leader of a group of its own."""

    pid: int
    forks: "Forks"
    code: int | None = None

    def kill(self) -> None:
        """Kill it and all that it started, without a word, and wait until they are gone."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Wait until it has ended; return its exit code, negative for a signal."""
        if self.code is None:
            self.code = self.forks.ask({"wait": self.pid})
        return self.code

    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return Path(f"/proc/{self.pid}/stat").exists() and self._state() not in "ZX"

    def _state(self) -> str:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return "X"

    def children(self) -> list[int]:
        """Return the processes that it started and that run now."""
        try:
            return [int(each) for each in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except FileNotFoundError:
            return []


@dataclass
class Forks:
    """The loaded program. ``modules`` are imported once; ``descriptors`` are open in everything that is forked."""

    modules: Sequence[str]
    descriptors: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.forks", *self.modules],
            cwd=ROOT, env=clean_environment() | self.environment, pass_fds=self.descriptors, start_new_session=True,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.loaded = self._answer()

    def start(self, target: str, *arguments: Any, log: Path, said: Path | None = None) -> Forked:
        """Run ``module:function`` in a process of its own; what it prints is added to ``said``, errors to ``log``."""
        order = {"target": target, "arguments": arguments, "log": str(log), "said": str(said or log)}
        return Forked(self.ask(order), self)

    def ask(self, order: dict[str, Any]) -> int:
        """Have an order carried out and return the number that answers it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the loaded program. Whoever started something ends that first."""
        end_group(self._process)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()


def serve(modules: Sequence[str]) -> None:
    """Load the modules, then start and await what standard input says, one after the other."""
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for each in modules:
        importlib.import_module(each)
    print(len(modules), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            print(reaped(order["wait"]), flush=True)
            continue
        child = os.fork()
        if child == 0:
            become(order)
        with suppress(ProcessLookupError, PermissionError):
            os.setpgid(child, child)  # whoever is first, so that it can be killed as a group from now on
        print(child, flush=True)


def reaped(pid: int) -> int:
    """Wait for a process, reap what it left, and return its exit code."""
    _, status = os.waitpid(pid, 0)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-pid, 0)
    return os.waitstatus_to_exitcode(status)


def become(order: dict[str, Any]) -> NoReturn:
    """Be what was ordered, to the end."""
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(0, 0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in ((1, order["said"]), (2, order["log"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    module, _, name = order["target"].partition(":")
    code: Any = 0
    try:
        getattr(importlib.import_module(module), name)(*order["arguments"])
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.argv[1:])
