"""Part 2: kits are killed at random moments, also during a sync; what an officer was told is saved never is missing."""

import tempfile
import time
from pathlib import Path
from random import Random

from tests.acceptance.office import Office
from tests.crash.findings import Findings
from tests.crash.forks import Forks
from tests.crash.kits import LOADED, MortalKit, at_the_centre_once, seed_of
from tests.crash.promised import Promises, problems_of
from tests.crash.serving import centre

LIFE_S_MAX = 1.2
EVERYTHING_EVERY = 25
"""Now and then a kit also brings everything to its end: what waits would only grow."""
SYNC_SHARE = 0.05


def run(kills: int, seed: int, kits: int = 3) -> Findings:
    """Kill kits so often, in turns; several are at work at any time."""
    with tempfile.TemporaryDirectory(prefix="husec-kit-kill-") as folder, centre(Path(folder) / "it") as office:
        return with_fleet(office, Path(folder), kills, seed, kits)


def with_fleet(office: Office, folder: Path, kills: int, seed: int, kits: int) -> Findings:
    """Kill the kits of a running centre."""
    findings, random = Findings(f"kit-kill, seed {seed}"), Random(seed)
    fleet = [MortalKit.enrol(office, folder / f"kit{n}", f"kit{n}") for n in range(kits)]
    for kit in fleet[1:]:  # the first one begins with a first sync, which takes longest
        findings.lose(*kit.sync_all())
    forks = Forks(LOADED)
    try:
        for kit in fleet:
            kit.start(forks, seed_of(random), steps=None, synchronous=None, reopen=None, sync_share=SYNC_SHARE)
        for death in range(1, kills + 1):
            kill_one(fleet[death % kits], forks, findings, random, everything=death % EVERYTHING_EVERY < kits)
            if findings.missing:
                break
        for kit in fleet:
            kit.kill()
    finally:
        forks.close()
    blobs = office.server.data_dir / "blobs"
    for kit in fleet:
        findings.lose(*kit.check(everything=True), *kit.sync_all())
    findings.lose(*at_the_centre_once(office.server.database_url, blobs, fleet))
    findings.lose(*problems_of(office.server.database_url, Promises(), blobs))
    account(fleet, findings)
    return findings


def kill_one(kit: MortalKit, forks: Forks, findings: Findings, random: Random, *, everything: bool) -> None:
    """Let time pass, kill a kit, look at its file (or let the next program be the first to open it), start it again."""
    time.sleep(random.uniform(0, LIFE_S_MAX))
    kit.kill()
    findings.add(kills=1, kills_during_a_sync=int(kit.syncing))
    if everything or random.random() < 0.5:
        findings.add(looks_at_a_file=1)
        findings.lose(*kit.check(everything=everything))
    if everything:
        findings.add(rests_with_a_whole_sync=1)
        findings.lose(*kit.sync_all())
    kit.syncing = False
    kit.start(forks, seed_of(random), steps=None, synchronous=None, reopen=None, sync_share=SYNC_SHARE)


def account(fleet: list[MortalKit], findings: Findings) -> None:
    """Say how much was saved."""
    findings.add(
        saves_confirmed_mutations=sum(len(kit.mutations) for kit in fleet),
        photos=sum(len(kit.files) for kit in fleet),
        syncs_finished=sum(kit.syncs for kit in fleet),
    )
    findings.did["refusals that a sync ended with"] = sorted({p for kit in fleet for p in kit.problems}) or "none"
    logs = "".join(kit.log.read_text() for kit in fleet)
    if "Traceback" in logs:
        findings.lose(f"a kit's program failed: {logs[-1500:]}")
