"""Part 6 for the centre: the writes of its embedded store and of the files beside it, replayed up to each of them."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.exc import DBAPIError

from sync.messages import MutationOutcome
from tests.acceptance.office import furnish
from tests.crash.centre_driver import DATABASE
from tests.crash.disk import contents_of
from tests.crash.findings import Findings
from tests.crash.promised import (
    Place,
    Promises,
    all_outcomes,
    buckets_add_up,
    dense_lanes,
    devices_known,
    file_sound,
    files_whole,
    nothing_twice,
    problems_of,
)
from tests.crash.torn_writes import LOSSES_MAX, Replay
from tests.crash.trace import NoRecorder, events_of, record

ALWAYS = (file_sound, dense_lanes, all_outcomes, files_whole, devices_known)
THOROUGHLY = (*ALWAYS, nothing_twice, buckets_add_up)


@dataclass
class RecordedCentre:
    """What the devices of a recorded centre were answered."""

    promises: Promises = field(default_factory=Promises)
    device: str = ""

    def hear(self, told: dict[str, Any]) -> None:
        """Note one line."""
        if "device" in told:
            self.device = told["device"]
            self.promises.devices[self.device] = told["token"]
        for seq, each in enumerate(told.get("outcomes", []), start=told.get("first", 1)):
            outcome = MutationOutcome(each["id"], each["outcome"], each["commit"], each.get("code"))
            self.promises.acknowledge(Place(self.device, told["incarnation"], "normal", seq), outcome)
        if "file" in told:
            self.promises.files[told["file"]] = told["sha256"]

    def look(self, folder: Path, *, thoroughly: bool) -> list[str]:
        """Open a store that a power cut left behind."""
        if not self.device:
            return []
        if not (folder / DATABASE).exists():
            return ["the store is not there"]
        try:
            checks = THOROUGHLY if thoroughly else ALWAYS
            return problems_of(f"sqlite:///{folder / DATABASE}", self.promises, folder / "blobs", checks)
        except DBAPIError as error:
            return [f"the store does not open: {error}"]


def run(pushes: int, seed: int) -> Iterator[Findings]:
    """Record a centre at work and replay it; then the same with a store that does not sync."""
    try:
        yield replayed(pushes, seed)
        yield control(max(3, pushes // 10), seed)
    except NoRecorder as missing:
        findings = Findings("torn-writes of the centre: NOT RUN")
        findings.lose(f"NOTHING WAS RECORDED: {missing}")
        yield findings


def replayed(pushes: int, seed: int, synchronous: str = "", losses_max: int = LOSSES_MAX, stride: int = 1) -> Findings:
    """Record so many pushes and uploads and replay all of it."""
    findings, centre = Findings(f"torn-writes, a centre's {pushes} pushes and uploads, seed {seed}"), RecordedCentre()
    with tempfile.TemporaryDirectory(prefix="husec-recorded-centre-") as name:
        folder = Path(name).resolve()
        data, log = folder / "data", folder / "trace"
        data.mkdir()
        furnish(f"sqlite:///{data / DATABASE}")
        before = contents_of(data)
        line = [sys.executable, "-W", "ignore", "-m", "tests.crash.centre_driver", str(data), str(seed), str(pushes)]
        record([*line, synchronous], log, folder / "said")
        replay = Replay(str(data), centre, findings, Random(seed), losses_max=losses_max, stride=stride)
        replay.run(events_of(log, data, before), before)
    findings.add(acknowledged_mutations=len(centre.promises.outcomes), finished_uploads=len(centre.promises.files))
    return findings


def control(pushes: int, seed: int) -> Findings:
    """Plant a store that does not wait for the disk; something must be missing."""
    found = replayed(pushes, seed, "OFF", losses_max=1, stride=10)
    control = Findings("torn-writes of the centre, control: synchronous OFF is planted", found.did, began=found.began)
    control.did["found missing, as it must"] = found.missing[0] if found.missing else "NOTHING"
    if not found.missing:
        control.lose("the planted weakness was not found")
    return control
