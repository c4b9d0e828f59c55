"""A disk that keeps what was synced and owes nothing else: what of a program's files is there after the power is cut.

The rules, as file systems on phones and laptops keep them (ext4, xfs, f2fs, NTFS are kinder):

- what a file held at its last fsync is there;
- of what was written since, any part may be there, sector by sector, in any order, and any change of its length;
- a new name lasts once the file or its folder was synced, any other change of a name once its folder was.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from random import Random
from typing import NamedTuple

from tests.crash.trace import Event

SECTOR, PAGE = 512, 4096


class Change(NamedTuple):
    """A change of a file's content: bytes at an offset, or (``data`` is None) its new length."""

    offset: int
    data: bytes | None

    def apply(self, content: bytearray) -> None:
        """Do it."""
        if self.data is None:
            del content[self.offset :]
            content.extend(bytes(self.offset - len(content)))
            return
        content.extend(bytes(max(0, self.offset - len(content))))
        content[self.offset : self.offset + len(self.data)] = self.data

    def torn(self, size: int) -> Iterator["Change"]:
        """Yield its pieces, none of which reaches over a multiple of ``size``."""
        if self.data is None:
            yield self
            return
        start = 0
        while start < len(self.data):
            end = min(len(self.data), start + size - (self.offset + start) % size)
            yield Change(self.offset + start, self.data[start:end])
            start = end


@dataclass(eq=False)
class Content:
    """A file without its name: what is surely on the disk, what a reader sees now, and what lies between."""

    durable: bytearray = field(default_factory=bytearray)
    current: bytearray = field(default_factory=bytearray)
    owed: list[Change] = field(default_factory=list)

    def change(self, change: Change) -> None:
        """Change what a reader sees."""
        change.apply(self.current)
        self.owed.append(change)

    def sync(self) -> None:
        """Bring everything onto the disk."""
        for change in self.owed:
            change.apply(self.durable)
        self.owed.clear()


class Renaming(NamedTuple):
    """A change of a name: ``content`` None takes it away."""

    path: str
    content: Content | None


@dataclass
class Disk:
    """All files that a program touched."""

    names: dict[str, Content] = field(default_factory=dict)
    durable_names: dict[str, Content] = field(default_factory=dict)
    owed_names: list[tuple[Renaming, ...]] = field(default_factory=list)
    """Each one all or nothing: a rename gives one name and takes another."""

    def take(self, event: Event) -> None:
        """Let one thing happen."""
        getattr(self, f"_{event.verb}")(event)

    @property
    def is_owing(self) -> bool:
        """Tell whether a cut of the power now could lose anything."""
        return bool(self.owed_names) or any(each.owed for each in self.names.values())

    @classmethod
    def holding(cls, files: Mapping[str, bytes]) -> "Disk":
        """Return a disk on which some files lay long before."""
        names = {path: Content(bytearray(content), bytearray(content)) for path, content in files.items()}
        return cls(names, dict(names))

    # --- what is there afterwards

    def whole(self) -> Mapping[str, bytes | bytearray]:
        """Return the files as the program saw them: it was killed, the power stayed."""
        return {path: content.current for path, content in self.names.items()}

    def lost(self) -> Mapping[str, bytes | bytearray]:
        """Return the files without anything that was not synced."""
        return {path: content.durable for path, content in self.durable_names.items()}

    def torn(self, random: Random) -> Mapping[str, bytes | bytearray]:
        """Return the files with a random part of what was not synced."""
        share, size = random.choice((0.1, 0.5, 0.9)), random.choice((SECTOR, PAGE))
        names = dict(self.durable_names)
        for together in self.owed_names:
            if random.random() < share:
                rename(names, together)
        return {path: partly(content, random, share, size) for path, content in names.items()}

    # --- events

    def _make(self, event: Event) -> None:
        self.names[event.path] = Content()
        self.owed_names.append((Renaming(event.path, self.names[event.path]),))

    def _write(self, event: Event) -> None:
        self.names[event.path].change(Change(event.offset, event.data))

    def _cut(self, event: Event) -> None:
        self.names[event.path].change(Change(event.offset, None))

    def _unlink(self, event: Event) -> None:
        del self.names[event.path]
        self.owed_names.append((Renaming(event.path, None),))

    def _rename(self, event: Event) -> None:
        moved = self.names[event.other] = self.names.pop(event.path)
        self.owed_names.append((Renaming(event.path, None), Renaming(event.other, moved)))

    def _link(self, event: Event) -> None:
        self.names[event.other] = self.names[event.path]
        self.owed_names.append((Renaming(event.other, self.names[event.path]),))

    def _sync(self, event: Event) -> None:
        content = self.names[event.path]
        content.sync()
        self._settle(lambda together: len(together) == 1 and together[0] == (event.path, content))

    def _sync_folder(self, event: Event) -> None:
        folder = PurePosixPath(event.path)
        self._settle(lambda together: any(PurePosixPath(each.path).parent == folder for each in together))

    def _said(self, event: Event) -> None:
        """Saying something changes no file."""

    def _settle(self, lasts: Callable[[tuple[Renaming, ...]], bool]) -> None:
        """Bring some changes of names onto the disk, and with each what happened to the same name before."""
        wanted, left = set[str](), []
        for together in reversed(self.owed_names):
            paths = {each.path for each in together}
            if lasts(together) or paths & wanted:
                wanted |= paths
            else:
                left.append(together)
        for together in self.owed_names:
            if together not in left:
                rename(self.durable_names, together)
        self.owed_names = left[::-1]


def rename(names: dict[str, Content], together: tuple[Renaming, ...]) -> None:
    """Change names."""
    for path, content in together:
        names.pop(path, None)
        if content:
            names[path] = content


def partly(content: Content, random: Random, share: float, size: int) -> bytearray:
    """Return a content with a random part of the changes that it owes."""
    found = bytearray(content.durable)
    for change in content.owed:
        for piece in change.torn(size):
            if random.random() < share:
                piece.apply(found)
    return found


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder as they are."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lay_out(files: Mapping[str, bytes | bytearray], root: str, target: Path) -> None:
    """Write files that lay below ``root`` below another folder, and nothing else."""
    for old in sorted(target.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    for path, content in files.items():
        place = target / PurePosixPath(path).relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
