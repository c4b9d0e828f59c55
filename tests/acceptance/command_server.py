"""Run ``field-kit`` commands in processes forked from one that has the program loaded already.

Loading it takes half a second, which hundreds of commands cannot afford. Each command is a process of its own all the
same, from ``__main__`` on, and shares nothing with the one before but the loaded code.
"""

import json
import os
import runpy
import subprocess
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import field_kit.cli  # noqa: F401  # loaded here so that it is there in every command
from tests.acceptance.at_another_time import set_clock
from tests.acceptance.server_process import ROOT, clean_environment, end_group

WIDE = {"COLUMNS": "1000"}
"""What a command prints stays in one line."""


class CommandServer:
    """The test's end: one loaded program, started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(self, argv: list[str], folder: Path, clock_error: timedelta) -> int:
        """Run one command to its end; it reads ``folder/in`` and writes ``folder/out`` and ``folder/err``."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        order = {"argv": argv, "folder": str(folder), "clock_error_s": clock_error.total_seconds()}
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            end_group(self._process)
            for stream in (self._process.stdin, self._process.stdout):
                if stream:
                    stream.close()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            line = [sys.executable, "-m", "tests.acceptance.command_server"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self._process = subprocess.Popen(
                line, cwd=ROOT, env=clean_environment() | WIDE, start_new_session=True, text=True, **pipes
            )
        return self._process


def serve() -> None:
    """Carry out the commands on standard input, one after the other; answer each with its exit code."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            become(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(order: dict[str, Any]) -> NoReturn:
    """Be the command, to the end."""
    os.setsid()
    for number, name in enumerate(("in", "out", "err")):
        flags = os.O_RDONLY if name == "in" else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(Path(order["folder"]) / name, flags, 0o600), number)
    if order["clock_error_s"]:
        set_clock(timedelta(seconds=order["clock_error_s"]))
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # it ends with the process
    sys.argv = order["argv"]
    code: Any = 0
    try:
        runpy.run_module("field_kit.cli", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    serve()
