"""Part 5: a fleet of real kits behind wires that drop, delay, cut and repeat; everything arrives exactly once."""

import json
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random

from sqlalchemy import text

from server.models.engine import make_engine, reading
from tests.acceptance.office import Office
from tests.crash.findings import Findings
from tests.crash.forks import Forks
from tests.crash.kits import LOADED, MortalKit, at_the_centre_once, seed_of
from tests.crash.promised import Promises, problems_of
from tests.crash.rough_wire import Fault, RoughWire
from tests.crash.serving import centre

SYNC_SHARE = 0.3
COMMON = ("case", "visit", "attachment")
"""Types of which everybody in the province holds every record."""


def run(kits: int, steps: int, seed: int) -> Findings:
    """Let so many kits do so many steps each."""
    with tempfile.TemporaryDirectory(prefix="husec-wire-") as folder, centre(Path(folder) / "it") as office:
        return with_fleet(office, Path(folder), kits, steps, seed)


def with_fleet(office: Office, folder: Path, kits: int, steps: int, seed: int) -> Findings:
    """Let a fleet work at a running centre."""
    findings, random = Findings(f"bad-link, seed {seed}"), Random(seed)
    with ExitStack() as stack:
        wires = [stack.enter_context(RoughWire(office.server.port, seed_of(random), calm=True)) for _ in range(kits)]
        fleet = [MortalKit.enrol(office, folder / f"kit{n}", f"kit{n}", wires[n].url) for n in range(kits)]
        for wire in wires:
            wire.calm = False
        findings.lose(*worked(fleet, steps, random))
        for rough in (True, False):  # through the bad wire first, and then once more to see what everybody sent
            for wire in wires:
                wire.calm = not rough
            for kit in fleet:
                findings.lose(*kit.sync_all())
        blobs = office.server.data_dir / "blobs"
        findings.lose(*(problem for kit in fleet for problem in kit.check(everything=True)))
        findings.lose(*at_the_centre_once(office.server.database_url, blobs, fleet))
        findings.lose(*problems_of(office.server.database_url, Promises(), blobs))
        findings.lose(*all_equal(office, fleet))
        account(findings, fleet, sum((wire.counts for wire in wires), Counter[Fault]()))
    return findings


def worked(fleet: list[MortalKit], steps: int, random: Random) -> list[str]:
    """Let all kits work at once, each in a process of its own; say which did not come to their end."""
    forks = Forks(LOADED)
    try:
        for kit in fleet:
            kit.start(forks, seed_of(random), steps=steps, synchronous=None, reopen=None, sync_share=SYNC_SHARE)
        codes = [kit.running.wait() for kit in fleet if kit.running]
    finally:
        forks.close()
    for kit in fleet:
        kit.listen()
    logs = [kit.log.read_text()[-1_500:] for kit in fleet]
    return [f"{kit.tag} ended with {code}: {log}" for kit, code, log in zip(fleet, codes, logs, strict=True) if code]


def all_equal(office: Office, fleet: list[MortalKit]) -> list[str]:
    """Say which kits do not hold what the centre holds, in content."""
    engine = make_engine(office.server.database_url)
    with reading(engine) as connection:
        sql = "SELECT id, type, version, data FROM record WHERE NOT deleted"
        rows = connection.execute(text(sql)).all()
    engine.dispose()
    stored = {row.id: (row.version, row.data if isinstance(row.data, dict) else json.loads(row.data)) for row in rows}
    common = {row.id for row in rows if row.type in COMMON}
    found: list[str] = []
    for kit in fleet:
        with kit.open() as opened:
            held = {id_: (version, json.loads(data)) for id_, version, data in
                    opened.database.rows("SELECT id, version, data FROM record")}  # fmt: skip
        found += [f"{kit.tag} lacks record {each}" for each in common - held.keys()]
        for record, (version, data) in held.items():
            of_centre = stored.get(record, (0, {}))
            if version != of_centre[0] or any(of_centre[1].get(name) != value for name, value in data.items()):
                found.append(f"{kit.tag} holds record {record} otherwise than the centre")
    return found


def account(findings: Findings, fleet: list[MortalKit], faults: Counter[Fault]) -> None:
    """Say what was sent and through what."""
    findings.add(
        kits=len(fleet),
        saved_mutations=sum(len(kit.mutations) for kit in fleet),
        photos=sum(len(kit.files) for kit in fleet),
        syncs_under_load=sum(kit.syncs for kit in fleet),
    )
    findings.did["connections"] = ", ".join(f"{fault} {count}" for fault, count in sorted(faults.items()))
    findings.did["refusals that a sync ended with"] = sorted({p for kit in fleet for p in kit.problems}) or "none"
