"""Part 3: no room. The centre's and the kit's disk are filled again and again while they work, then have room again.

On a small file system in memory where that is permitted, and with a limit on the size of files in any case.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random

from field_kit.errors import ServerRefused, StoreFull
from field_kit.transport import HttpTransport
from field_kit.tus import Upload
from tests.acceptance.husec_process import husec
from tests.acceptance.office import PHRAE, Office
from tests.acceptance.patience import until
from tests.acceptance.records import a_case
from tests.crash.crowd import Counts, crowd
from tests.crash.findings import Findings
from tests.crash.forks import Forks
from tests.crash.kits import LOADED, MortalKit, at_the_centre_once, seed_of
from tests.crash.promised import AFTER_EACH_DEATH, Promises, problems_of
from tests.crash.server_kill import account, final_look
from tests.crash.serving import MortalServer, centre, limit_files
from tests.crash.small_disk import NotPermitted, SmallDisk, small_disk

MEMBERS = 3
WEIGHTS = (4, 1, 4, 1)
"""Uploads are half of the work here."""
LEFT_BYTES_MAX = 300_000
DEADLINE_S = 90
REFUSALS_WANTED = 4
CLEAR = frozenset({"server_busy", "not_enough_storage"})
"""What a client may be told when there is no room: that nothing was written, and to try again."""
DISK_MB = 48
FILE_BYTES = 3_000_000


@dataclass
class Shortage:
    """A way to take the room away, and to give it back."""

    begin: Callable[[], None]
    end: Callable[[], None]


def run(rounds: int, seed: int) -> Iterator[Findings]:
    """Take the room away so often, in each way that this machine permits."""
    yield centre_with_limited_files(rounds, seed)
    yield kit_with_limited_files(rounds, seed)
    try:
        yield centre_on_a_full_disk(rounds, seed)
        yield kit_on_a_full_disk(rounds, seed)
    except NotPermitted as refused:
        yield not_tried(refused)


def not_tried(refused: NotPermitted) -> Findings:
    """Say that this machine permits no small file system; what was not tried is not shown, and counts as failed."""
    findings = Findings("disk-full on a small file system")
    findings.lose(f"NOT TRIED, this machine does not permit one: {refused}")
    return findings


# --- the centre


def centre_with_limited_files(rounds: int, seed: int) -> Findings:
    findings, random = Findings(f"disk-full: the centre under a limit on the size of files, seed {seed}"), Random(seed)
    with tempfile.TemporaryDirectory(prefix="husec-limit-") as folder, centre(Path(folder) / "it") as office:
        server = office.server
        assert isinstance(server, MortalServer)
        store = Path(folder) / "it" / "store"

        def begin() -> None:
            log = max((each.stat().st_size for each in store.glob("*-wal")), default=0)
            for worker in server.worker_pids():
                limit_files(worker, log + random.randrange(60_000))

        def end() -> None:
            for worker in server.worker_pids():
                limit_files(worker, None)

        starve(office, findings, rounds, random, Shortage(begin, end))
    return findings


def centre_on_a_full_disk(rounds: int, seed: int) -> Findings:
    findings, random = Findings(f"disk-full: the centre on a full disk, seed {seed}"), Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="husec-full-") as folder,
        small_disk(Path(folder) / "disk", DISK_MB) as disk,
        centre(disk.place / "it") as office,
    ):
        shortage = Shortage(lambda: disk.fill(random.randrange(LEFT_BYTES_MAX)), disk.empty)
        starve(office, findings, rounds, random, shortage)
        upload_without_room(office, disk, random, findings)
        back_up_without_room(office, Path(folder), findings)
    return findings


def starve(office: Office, findings: Findings, rounds: int, random: Random, shortage: Shortage) -> None:
    """Let a crowd work while the room comes and goes."""
    promises, counts = Promises(), Counts()
    blobs = office.server.data_dir / "blobs"
    with crowd(office, promises, counts, MEMBERS, random, WEIGHTS):
        for _ in range(rounds):
            wanted = sum(counts.refused.values()) + REFUSALS_WANTED
            shortage.begin()
            came(partial(reached, counts.refused.values, wanted), "refusals without room", findings)
            findings.lose(*problems_of(office.server.database_url, promises, blobs, AFTER_EACH_DEATH))
            shortage.end()
            wanted = len(promises.outcomes) + 20
            came(partial(reached, lambda: [len(promises.outcomes)], wanted), "work once there is room", findings)
            findings.add(shortages=1)
    final_look(office, promises, findings)
    account(promises, counts, findings)
    findings.lose(*(f"{n} × {code} without room" for code, n in counts.refused.items() if code not in CLEAR))


def reached(counts: Callable[[], Iterable[int]], wanted: int) -> bool:
    """Tell whether counts that others raise add up to so many."""
    return sum(list(counts())) >= wanted


def came(condition: Callable[[], bool], what: str, findings: Findings) -> None:
    """Wait for something; that it does not come is a loss."""
    try:
        until(condition, what, deadline_s=DEADLINE_S)
    except AssertionError as late:
        findings.lose(str(late))


def upload_without_room(office: Office, disk: SmallDisk, random: Random, findings: Findings) -> None:
    """Send a file for which there is no room; with room, go on where it stopped."""
    phone, content = office.phone(f"social_worker@{PHRAE.scope}"), random.randbytes(FILE_BYTES)
    case, digest = a_case(phone, PHRAE), sha256(content).hexdigest()
    about = {"sha256": digest, "size": len(content), "media_type": "image/png"}
    made = phone.create("attachment", owner_record=case["record"], **about)
    phone.push([case], [made])
    address = list[str]()

    def send() -> str:
        going = Upload(
            made["record"], digest, content, address[-1] if address else None, address.append, lambda _: None
        )
        transport = HttpTransport(office.server.url, phone.link.token)
        try:
            transport.upload(going)
        except ServerRefused as refused:
            return str(refused.facts["server_code"])
        finally:
            transport.close()
        return "taken"

    disk.fill(left_bytes=FILE_BYTES // 3)
    without = send()
    disk.empty()
    with_room = send()
    findings.did["a file without room, and then with room"] = f"{without}, {with_room}"
    if (without, with_room) != ("not_enough_storage", "taken"):
        findings.lose(f"a file without room was answered {without}, with room {with_room}")
    kept = office.server.data_dir / "blobs" / digest[:2] / digest
    if not kept.exists() or kept.read_bytes() != content:
        findings.lose("the file is not whole")


def back_up_without_room(office: Office, folder: Path, findings: Findings) -> None:
    """Take a backup onto a disk without room, and another one onto the same disk with room."""
    with small_disk(folder / "tape", DISK_MB) as tape:
        tape.fill(left_bytes=200_000)
        try:
            said = husec(office.server, "backup", str(tape.place), code=1)
        except AssertionError as failed:
            findings.lose(f"a backup without room: {failed}")
            return
        findings.did["a backup without room says"] = said.strip().splitlines()[-1]
        left = sorted(each.name for each in tape.place.iterdir() if each.name != "ballast")
        if left or "Traceback" in said:
            findings.lose(f"a backup without room leaves {left} and says {said}")
        tape.empty()
        try:
            husec(office.server, "backup", str(tape.place))
        except AssertionError as failed:
            findings.lose(f"a backup with room: {failed}")
        findings.add(backups_tried=2)


# --- the kit


@dataclass
class Bench:
    """A kit at work, with whatever starts it."""

    kit: MortalKit
    forks: Forks
    random: Random

    def start(self) -> None:
        self.kit.start(self.forks, seed_of(self.random))

    def heard(self, condition: Callable[[], bool], what: str, findings: Findings) -> None:
        """Wait until the officer has said something."""

        def listening() -> bool:
            self.kit.listen()
            return condition()

        came(listening, what, findings)


@contextmanager
def bench(office: Office, home: Path, desk: Path, random: Random) -> Iterator[Bench]:
    """Let a kit work until the end of the block."""
    forks = Forks(LOADED)
    made = Bench(MortalKit.enrol(office, home, "kit", desk=desk), forks, random)
    made.start()
    try:
        yield made
        made.kit.kill()
    finally:
        forks.close()


def kit_on_a_full_disk(rounds: int, seed: int) -> Findings:
    """Fill the device's disk under it. Now and then its program is killed and opened again without any room."""
    findings, random = Findings(f"disk-full: the kit on a full disk, seed {seed}"), Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="husec-kit-full-") as folder,
        small_disk(Path(folder) / "disk", DISK_MB) as disk,
        centre(Path(folder) / "it") as office,
    ):
        with bench(office, disk.place / "home", Path(folder) / "desk", random) as at:
            for number in range(rounds):
                fill_once(at, disk, findings, kill=number % 2 == 1)
        final_look_at_kit(office, at.kit, findings)
    return findings


def fill_once(at: Bench, disk: SmallDisk, findings: Findings, *, kill: bool) -> None:
    """Take the room away, see that it is said and nothing lost, and give it back."""
    kit, before = at.kit, at.kit.full
    disk.fill(at.random.randrange(LEFT_BYTES_MAX))
    at.heard(lambda: kit.full > before, "the officer is told that the disk is full", findings)
    findings.add(shortages=1)
    if kill:
        kit.kill()
        disk.fill()
        try:
            findings.lose(*kit.check())
            findings.add(opened_without_any_room=1)
        except StoreFull:
            findings.add(told_on_opening_that_the_disk_is_full=1)
        disk.empty()
        findings.lose(*kit.check())
        at.start()
    disk.empty()
    saved = len(kit.mutations)
    at.heard(lambda: len(kit.mutations) > saved + 5, "the officer saves again once there is room", findings)


def kit_with_limited_files(rounds: int, seed: int) -> Findings:
    """Limit the size of a kit's files, which SQLite does not call a full disk; the program may end, nothing may go."""
    findings, random = Findings(f"disk-full: the kit under a limit on the size of files, seed {seed}"), Random(seed)
    with tempfile.TemporaryDirectory(prefix="husec-kit-limit-") as folder, centre(Path(folder) / "it") as office:
        with bench(office, Path(folder) / "home", Path(folder) / "desk", random) as at:
            for _ in range(rounds):
                limit_once(at, findings)
        final_look_at_kit(office, at.kit, findings)
    return findings


def limit_once(at: Bench, findings: Findings) -> None:
    """Let the log of a file grow a little more, and then no more, until the program stumbles over it."""
    kit, before = at.kit, at.kit.full
    saved = len(kit.mutations)
    at.heard(lambda: len(kit.mutations) > saved + 3, "the officer saves", findings)
    log = max((each.stat().st_size for each in kit.home.glob("*-wal")), default=0)
    assert kit.running is not None
    running = kit.running
    limit_files(running.pid, log + at.random.randrange(60_000))
    at.heard(lambda: kit.full > before or not running.is_alive(), "the officer stumbles over the limit", findings)
    findings.add(shortages=1, programs_that_ended_without_a_clear_error=int(not running.is_alive()))
    kit.kill()
    findings.lose(*kit.check(everything=True))
    at.start()


def final_look_at_kit(office: Office, kit: MortalKit, findings: Findings) -> None:
    """Bring everything to the centre and look at it there."""
    blobs = office.server.data_dir / "blobs"
    findings.lose(*kit.check(everything=True), *kit.sync_all())
    findings.lose(*at_the_centre_once(office.server.database_url, blobs, [kit]))
    findings.lose(*problems_of(office.server.database_url, Promises(), blobs))
    findings.add(saved_mutations=len(kit.mutations), photos=len(kit.files), told_that_it_is_full=kit.full)
