"""What a program really asked of its files, in order: recorded by strace, with every byte that was written."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.acceptance.server_process import ROOT, clean_environment

CALLS = (
    "openat,open,creat,close,dup,dup2,dup3,lseek,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,ftruncate,"
    "truncate,unlink,unlinkat,rename,renameat,renameat2,link,linkat,sync_file_range,fallocate,copy_file_range,sendfile"
)
UNREADABLE = frozenset({"writev", "pwritev", "pwritev2", "truncate", "copy_file_range", "sendfile"})
"""Ways to change a file that nothing here knows how to replay: better to stop than to replay a half truth."""

CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|\?)", re.DOTALL)
UNFINISHED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


class NoRecorder(RuntimeError):
    """This machine has no strace, or does not let it work."""


class Event(NamedTuple):
    """One thing that happened to a file. ``verb``: make, write, cut, sync, unlink, rename, link, sync_folder, said."""

    verb: str
    path: str
    offset: int = 0
    data: bytes = b""
    other: str = ""


def record(command: Sequence[str], log: Path, said: Path, **environment: str) -> None:
    """Run a program to its end under strace; what it says goes to a file.

    :raises NoRecorder: when it cannot be recorded.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise NoRecorder("strace is not installed: the real writes of a kit cannot be recorded on this machine")
    line = [strace, "-f", "--seccomp-bpf", "-qq", "-xx", "-s", "100000000", "-o", str(log)]
    line += ["-e", f"trace={CALLS}", "-e", "signal=none"]
    with said.open("ab") as out:
        done = subprocess.run(
            [*line, *command], cwd=ROOT, env=clean_environment() | environment, stdout=out, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    if b"ptrace" in done.stderr.lower():
        raise NoRecorder(f"strace is not allowed to work on this machine: {done.stderr.decode()}")
    assert done.returncode == 0, done.stderr.decode()


def events_of(log: Path, root: Path, before: Mapping[str, bytes] | None = None) -> Iterator[Event]:
    """Yield what happened below a folder, and what was said on standard output, in order.

    ``before``: the files that lay there when it began.
    """
    reader = _Reader(str(root), sizes={path: len(content) for path, content in (before or {}).items()})
    for line in _whole_lines(log):
        if found := CALL.match(line):
            yield from reader.read(found[1], found[2], found[3])


def _whole_lines(log: Path) -> Iterator[str]:
    """Yield one line for each call; of threads that were interrupted in one, the two halves put together."""
    halves: dict[str, str] = {}
    with log.open() as lines:
        for line in lines:
            line = line.rstrip("\n")
            if half := UNFINISHED.match(line):
                halves[half[1]] = half[2]
            elif rest := RESUMED.match(line):
                yield halves.pop(rest[1], "") + rest[2]
            else:
                yield line


@dataclass
class _Open:
    path: str
    at: int = 0
    append: bool = False


@dataclass
class _Reader:
    """Follows descriptors to the files behind them."""

    root: str
    open: dict[int, _Open] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def read(self, call: str, arguments: str, result: str) -> Iterator[Event]:
        """Yield what one call did; a call that failed did nothing."""
        if result.startswith("-") or result == "?":
            return
        texts = [bytes.fromhex(each[1].replace("\\x", "")) for each in TEXT.finditer(arguments)]
        if any(each[2] for each in TEXT.finditer(arguments)):
            raise NoRecorder("strace cut a write short")
        plain = [each.strip() for each in TEXT.sub("T", arguments).split(",")]
        handler = getattr(self, f"_{call}", None)
        if handler:
            yield from handler(plain, texts, int(result))
        elif call in UNREADABLE and plain[0].isdigit() and int(plain[0]) in self.open:
            raise NoRecorder(f"{call} on a file that is watched")

    def _path(self, text: bytes) -> str | None:
        path = text.decode()
        inside = path == self.root or path.startswith(f"{self.root}/")
        return path if inside and not path.endswith("-shm") else None

    # --- descriptors

    def _openat(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        self.open.pop(result, None)
        path = self._path(texts[0])
        if path is None:
            return
        flags = next(each for each in plain if each.startswith("O_"))
        self.open[result] = _Open(path, 0, "O_APPEND" in flags)
        if "O_CREAT" in flags and path not in self.sizes:
            self.sizes[path] = 0
            yield Event("make", path)
        elif "O_TRUNC" in flags and self.sizes.get(path):
            self.sizes[path] = 0
            yield Event("cut", path, 0)

    def _close(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        self.open.pop(int(plain[0]), None)
        yield from ()

    def _dup(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        if int(plain[0]) in self.open:
            self.open[result] = self.open[int(plain[0])]
        else:
            self.open.pop(result, None)
        yield from ()

    _dup2 = _dup3 = _dup

    def _lseek(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        if int(plain[0]) in self.open:
            self.open[int(plain[0])].at = result
        yield from ()

    # --- contents

    def _write(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        number = int(plain[0])
        if number == 1:
            yield Event("said", "", 0, texts[0][:result])
        elif number in self.open:
            file = self.open[number]
            at = self.sizes.get(file.path, 0) if file.append else file.at
            file.at = at + result
            yield self._written(file.path, at, texts[0][:result])

    def _pwrite64(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        if int(plain[0]) in self.open:
            yield self._written(self.open[int(plain[0])].path, int(plain[-1]), texts[0][:result])

    def _written(self, path: str, at: int, data: bytes) -> Event:
        self.sizes[path] = max(self.sizes.get(path, 0), at + len(data))
        return Event("write", path, at, data)

    def _ftruncate(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        if int(plain[0]) in self.open:
            path = self.open[int(plain[0])].path
            self.sizes[path] = int(plain[1])
            yield Event("cut", path, int(plain[1]))

    def _fsync(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        if int(plain[0]) in self.open:
            path = self.open[int(plain[0])].path
            yield Event("sync" if path in self.sizes else "sync_folder", path)

    _fdatasync = _fsync

    # --- names

    def _unlink(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        path = self._path(texts[0])
        if path and self.sizes.pop(path, None) is not None:
            yield Event("unlink", path)

    _unlinkat = _unlink

    def _rename(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        before, after = self._path(texts[0]), self._path(texts[1])
        if before and after:
            self.sizes[after] = self.sizes.pop(before)
            yield Event("rename", before, other=after)

    _renameat = _renameat2 = _rename

    def _link(self, plain: list[str], texts: list[bytes], result: int) -> Iterator[Event]:
        before, after = self._path(texts[0]), self._path(texts[1])
        if before and after:
            self.sizes[after] = self.sizes[before]
            yield Event("link", before, other=after)

    _linkat = _link
