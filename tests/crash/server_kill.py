"""Part 1: the centre is killed with ``kill -9`` at random moments while devices push, pull, upload and enrol."""

import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from tests.acceptance.husec_process import husec
from tests.acceptance.office import PHRAE, Office
from tests.crash.crowd import Counts, crowd, enrol_now_and_then, guarded
from tests.crash.findings import Findings
from tests.crash.promised import AFTER_EACH_DEATH, NOW_AND_THEN, Promises, problems_of
from tests.crash.serving import MortalServer, centre

LIFE_S_MAX = 0.6
MEMBERS = 4
JUST_AFTER_S_MAX = 0.01
CLOSE_LOOK_EVERY = 100
COMMANDS = ((("doctor",), 1), (("audit", "verify"), 0))
"""With what each ends. The doctor asks for attention: no backup was taken, the address is the loopback's."""


def run(kills: int, seed: int, url: str | None = None, life_s_max: float = LIFE_S_MAX) -> Findings:
    """Kill the centre so often; every promise is looked after."""
    findings = Findings(f"server-kill on {'PostgreSQL' if url else 'SQLite'}, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="husec-kill-") as folder, centre(Path(folder) / "it", url) as office:
        kill_under_load(office, findings, kills, seed, life_s_max)
    return findings


def kill_under_load(
    office: Office,
    findings: Findings,
    kills: int,
    seed: int,
    life_s_max: float = LIFE_S_MAX,
    *,
    by_command: bool = True,
) -> None:
    """Kill a running centre so often."""
    random, server = Random(seed), office.server
    assert isinstance(server, MortalServer)
    survive(office, findings, kills, random, lambda: server.die(random), life_s_max, by_command=by_command)


def survive(
    office: Office,
    findings: Findings,
    deaths: int,
    random: Random,
    die: Callable[[], str],
    life_s_max: float = LIFE_S_MAX,
    *,
    by_command: bool = True,
) -> None:
    """Let a crowd work through so many deaths of a centre or of its store; look at all that was promised."""
    promises, counts = Promises(), Counts()
    with crowd(office, promises, counts, MEMBERS, random), enrolling(office, promises):
        die_often(office, promises, counts, findings, deaths, random, die, life_s_max)
    final_look(office, promises, findings, by_command=by_command)
    account(promises, counts, findings)


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
    office: Office,
    promises: Promises,
    counts: Counts,
    findings: Findings,
    deaths: int,
    random: Random,
    die: Callable[[], str],
    life_s_max: float,
) -> None:
    """Let the centre live for a moment, let it die and come back, and look at what was promised."""
    server, back = office.server, list[float]()
    for death in range(1, deaths + 1):
        live_for_a_moment(promises, random, life_s_max)
        findings.add(deaths=1, deaths_during_a_request=int(counts.under_way > 0))
        began = time.monotonic()
        findings.add(**{f"deaths_of_the_{die()}": 1})
        back.append(time.monotonic() - began)
        checks = [*AFTER_EACH_DEATH, *(NOW_AND_THEN if death % CLOSE_LOOK_EVERY == 0 else ())]
        findings.lose(*problems_of(server.database_url, promises, server.data_dir / "blobs", checks))
        if findings.missing:
            break
    findings.did["median seconds from a death to readiness"] = f"{median(back):.2f}"


def live_for_a_moment(promises: Promises, random: Random, life_s_max: float) -> None:
    """Wait for any moment, or for one just after an acknowledgement: what was said too early is not yet done then."""
    if random.random() < 0.5:
        time.sleep(random.uniform(0, life_s_max))
        return
    promises.heard.clear()
    promises.heard.wait(4 * life_s_max)
    time.sleep(random.uniform(0, JUST_AFTER_S_MAX))


def final_look(office: Office, promises: Promises, findings: Findings, *, by_command: bool = True) -> None:
    """Look at everything once nothing is on its way; ``by_command``: with the centre's own commands as well."""
    server = office.server
    findings.lose(*problems_of(server.database_url, promises, server.data_dir / "blobs"))
    for command, code in COMMANDS if by_command else ():
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
