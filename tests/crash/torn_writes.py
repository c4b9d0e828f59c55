"""Part 6: the real writes of a session, replayed up to each of them, as if the power had been cut there.

Each time three states of the disk are opened with the program's own code: everything written is there; nothing that
was not synced is there; a random part of it is. What had been promised before that moment must be there, whole.
"""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol

from tests.acceptance.office import PHRAE, Office
from tests.crash.disk import Disk, lay_out
from tests.crash.findings import Findings
from tests.crash.recorded_kit import RecordedKit
from tests.crash.serving import centre
from tests.crash.trace import Event, NoRecorder, events_of, record

MEMORY = Path("/dev/shm")
LOSSES_MAX = 20
LOST = "lost"


class Session(Protocol):
    """What was promised in a session, and how to look for it."""

    def hear(self, told: dict[str, Any]) -> None:
        """Note one line of what was said."""

    def look(self, folder: Path, *, thoroughly: bool) -> list[str]:
        """Open what lies in a folder and say what of the promises is missing there."""


@dataclass
class Replay:
    """Replays a session. ``stride``: open the file at every such event only, and wherever something was synced."""

    root: str
    session: Session
    findings: Findings
    random: Random
    torn_each: int = 1
    losses_max: int = LOSSES_MAX
    stride: int = 1

    def run(self, events: Iterable[Event], before: Mapping[str, bytes] | None = None) -> None:
        """Try every prefix; stop early when more was lost than anybody would read."""
        disk = Disk.holding(before or {})
        with tempfile.TemporaryDirectory(prefix="husec-torn-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
            for number, event in enumerate(events):
                self.findings.add(**{_plural(event.verb): 1})
                disk.take(event)
                if event.verb == "said":
                    for line in event.data.splitlines():
                        self.session.hear(json.loads(line))
                self.findings.add(prefixes=1)
                self._try(disk, event, number, Path(folder))
                if len(self.findings.missing) >= self.losses_max:
                    return

    def _try(self, disk: Disk, event: Event, number: int, folder: Path) -> None:
        """Open what the power cut would leave after one event. What is as it was the last time is not opened again."""
        where = f"after event {number} ({event.verb} {Path(event.path).name})"
        if number % self.stride == 0 and event.verb not in ("said", "sync", "sync_folder"):
            self._open("whole", disk.whole(), folder, where)
        if event.verb in ("said", "sync", "sync_folder"):
            self._open(LOST, disk.lost(), folder, where)
        if number % self.stride == 0 and disk.is_owing:
            for _ in range(self.torn_each):
                self._open("torn", disk.torn(self.random), folder, where)

    def _open(self, variant: str, files: Any, folder: Path, where: str) -> None:
        lay_out(files, self.root, folder)
        self.findings.add(**{f"variants_{variant}": 1})
        problems = self.session.look(folder, thoroughly=variant == LOST)
        self.findings.lose(*(f"{variant} {where}: {each}" for each in problems))


def _plural(verb: str) -> str:
    names = {"write": "writes", "sync": "syncs", "said": "lines_said", "sync_folder": "syncs_of_a_folder"}
    return names.get(verb, "other_changes_of_files")


def run(steps: int, seed: int) -> Iterator[Findings]:
    """Record a session of a kit with a real centre and replay it; then, as the control, with a file that syncs less."""
    few = max(12, steps // 10)
    with tempfile.TemporaryDirectory(prefix="husec-recorded-") as name, centre(Path(name) / "it") as office:
        folder = Path(name).resolve()
        try:
            yield replayed(office, folder / "honest", steps, seed)
            for weakness in ("NORMAL", "OFF"):
                yield control(office, folder / weakness, few, seed, weakness)
        except NoRecorder as missing:
            findings = Findings("torn-writes: NOT RUN")
            findings.lose(f"NOTHING WAS RECORDED: {missing}. Install strace and run this part again")
            yield findings


def replayed(office: Office, folder: Path, steps: int, seed: int, synchronous: str = "", **options: int) -> Findings:
    """Record a session of so many steps and replay all of it."""
    home, events = recorded(office, folder, steps, seed, synchronous)
    return replay(
        home, events, Findings(f"torn-writes, a kit's session of {steps} steps, seed {seed}"), seed, **options
    )


def recorded(
    office: Office, folder: Path, steps: int, seed: int, synchronous: str = ""
) -> tuple[Path, Iterable[Event]]:
    """Let a kit work at a running centre; return its folder, and what happened there."""
    folder.mkdir()
    home, log = folder / "home", folder / "trace"
    code = office.code(office.person(f"social_worker@{PHRAE.scope}"))
    about = [str(home), office.server.url, code, "kit", str(seed), str(steps), synchronous]
    record([sys.executable, "-W", "ignore", "-m", "tests.crash.kit_driver", *about], log, folder / "said")
    return home, events_of(log, home)


def replay(home: Path, events: Iterable[Event], findings: Findings, seed: int, **options: int) -> Findings:
    """Replay what happened in a kit's folder."""
    kit = RecordedKit(home)
    Replay(str(home), kit, findings, Random(seed), **options).run(events)
    findings.add(saved_mutations=len(kit.mutations), photos=len(kit.files), syncs_with_the_centre=kit.syncs)
    return findings


def control(office: Office, folder: Path, steps: int, seed: int, synchronous: str) -> Findings:
    """Plant a file that does not wait for the disk: the replay must find something missing, or it finds nothing."""
    found = replayed(office, folder, steps, seed, synchronous, losses_max=1, stride=10)
    control = Findings(f"torn-writes, control: synchronous {synchronous} is planted", found.did, began=found.began)
    control.did["found missing, as it must"] = found.missing[0] if found.missing else "NOTHING"
    if not found.missing:
        control.lose("the planted weakness was not found")
    return control
