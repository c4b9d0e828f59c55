"""Part 1: the centre is killed with ``kill -9`` at random moments while devices push, pull, upload and enrol."""

import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from random import Random

from tests.acceptance.husec_process import husec
from tests.acceptance.office import PHRAE, Office
from tests.crash.crowd import Counts, crowd, enrol_now_and_then, guarded
from tests.crash.findings import Findings
from tests.crash.promised import AFTER_EACH_DEATH, NOW_AND_THEN, Promises, problems_of
from tests.crash.serving import MortalServer, centre

LIFE_S_MAX = 0.6
CLOSE_LOOK_EVERY = 100
ATTENTION = 1
"""What ``husec doctor`` ends with here: no backup was taken, the address is the loopback's."""


def run(kills: int, seed: int, members: int = 4, url: str | None = None) -> Findings:
    """Kill the centre so often; every promise is looked after."""
    kind = "PostgreSQL" if url else "SQLite"
    findings = Findings(f"server-kill on {kind}, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="husec-kill-") as folder, centre(Path(folder) / "it", url) as office:
        promises, counts = Promises(), Counts()
        with crowd(office, promises, counts, members, seed), enrolling(office, promises):
            die_often(office, promises, counts, findings, kills, Random(seed))
        final_look(office, promises, findings)
        account(promises, counts, findings)
    return findings


class enrolling:  # noqa: N801  # a with block, like the crowd beside it
    """Somebody enrols devices meanwhile."""

    def __init__(self, office: Office, promises: Promises) -> None:
        self.stopped = threading.Event()
        person = office.person(f"social_worker@{PHRAE.scope}")
        work = partial(enrol_now_and_then, office, person, promises, self.stopped)
        self.thread = threading.Thread(target=guarded, args=(work, promises))

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()


def die_often(
    office: Office, promises: Promises, counts: Counts, findings: Findings, kills: int, random: Random
) -> None:
    """Let the centre live for a moment, kill it, start it, and look at what was promised."""
    server = office.server
    assert isinstance(server, MortalServer)
    blobs = server.data_dir / "blobs"
    back: list[float] = []
    for death in range(1, kills + 1):
        time.sleep(random.uniform(0, LIFE_S_MAX))
        findings.add(kills_during_a_request=int(counts.under_way > 0))
        began = time.monotonic()
        findings.add(**{f"kills_of_the_{server.die(random)}": 1})
        back.append(time.monotonic() - began)
        checks = [*AFTER_EACH_DEATH, *(NOW_AND_THEN if death % CLOSE_LOOK_EVERY == 0 else ())]
        findings.lose(*problems_of(server.database_url, promises, blobs, checks))
        if findings.missing:
            break
    findings.did["median seconds from a kill to readiness"] = f"{sorted(back)[len(back) // 2]:.2f}"


def final_look(office: Office, promises: Promises, findings: Findings) -> None:
    """Look at everything once nothing is on its way, the centre's own checks among it."""
    server = office.server
    findings.lose(*problems_of(server.database_url, promises, server.data_dir / "blobs"))
    for command, code in ((("doctor",), ATTENTION), (("audit", "verify"), 0)):
        try:
            husec(server, *command, code=code)
        except AssertionError as failed:
            findings.lose(str(failed))
    for device, token in list(promises.devices.items())[-20:]:
        if office.link(token).ask("GET", "/me").status_code != 200:
            findings.lose(f"the token of device {device} is not taken")
    surprises = [line for line in server.log.read_text("utf-8", "replace").splitlines() if "unexpected" in line]
    findings.did["unexpected errors in the centre's log"] = len(surprises)
    findings.lose(*surprises)


def account(promises: Promises, counts: Counts, findings: Findings) -> None:
    """Say how much was promised."""
    findings.add(
        requests=counts.asked,
        requests_cut_off=counts.cut,
        pushes_sent_again_after_their_answer=counts.replays,
        acknowledged_mutations=len(promises.outcomes),
        finished_uploads=len(promises.files),
        enrolled_devices=len(promises.devices),
    )
    findings.did["outcomes"] = tally(each.outcome for each in promises.outcomes.values())
    findings.did["refusals with 5xx"] = counts.refused or "none"


def tally(found: object) -> str:
    """Return how often each was found."""
    counted: dict[str, int] = {}
    for each in found:  # type: ignore[attr-defined]
        counted[each] = counted.get(each, 0) + 1
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
