"""Jobs do what they say, and one process runs a job however many there are."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from server import jobs
from server.ids import new_id
from server.jobs import JOBS, Job, expire_uploads, flag_silent_devices, prune_tokens, running, verify_checksums
from server.models.engine import reading, writing
from server.models.sync_tables import bucket
from tests.server.centre import TestCentre
from tests.server.test_uploads import attach, begin, send

ALICE = "rru_member@district:5401"


def test_every_file_of_a_job_has_its_line() -> None:
    folder = Path(jobs.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "running"}
    assert files == {job.name for job in JOBS}


def test_an_upload_that_ran_out_of_time_is_removed(centre: TestCentre) -> None:
    alice = centre.field(ALICE)
    address = begin(alice, attach(centre, alice)).headers["Location"]
    send(alice, address, b"some of it", 0)
    uploads = centre.centre.settings.data_dir / "uploads"
    before = len(list(uploads.iterdir()))
    centre.clock.turn(days=7)
    did = expire_uploads.run(centre.centre, centre.clock())
    assert (before, len(list(uploads.iterdir())), did) == (1, 0, "1 uploads expired, 0 stray files removed")


def test_a_file_that_arrived_stays(centre: TestCentre) -> None:
    alice = centre.field(ALICE)
    photo = attach(centre, alice)
    send(alice, begin(alice, photo).headers["Location"], bytes(range(256)) * 800, 0)
    centre.clock.turn(days=8)
    expire_uploads.run(centre.centre, centre.clock())
    assert alice.get(f"/api/v1/attachments/{photo}").json["verified"]


def test_a_file_of_no_upload_is_removed_when_old(centre: TestCentre) -> None:
    uploads = centre.centre.settings.data_dir / "uploads"
    uploads.mkdir()
    for name, days in (("old", 8), ("new", 1)):
        (uploads / name).write_bytes(b"x")
        instant = (centre.clock() - timedelta(days=days)).timestamp()
        os.utime(uploads / name, (instant, instant))
    expire_uploads.run(centre.centre, centre.clock())
    assert [path.name for path in uploads.iterdir()] == ["new"]


def test_a_device_is_silent_after_a_week_and_heard_again_at_its_next_contact(centre: TestCentre) -> None:
    admin, alice = centre.staff("administrator@nation"), centre.field(ALICE)

    def silent_since() -> Any:
        return centre.staff("administrator@nation").get(f"/api/v1/devices/{alice.device}").json["silent_since"]

    centre.clock.turn(days=8)
    did = [flag_silent_devices.run(centre.centre, centre.clock()) for _ in range(2)]
    flagged = silent_since()
    epoch = centre.centre.store.epoch()
    alice.post("/api/v1/sync/pull", json={"protocol": 1, "epoch": epoch, "device": alice.device, "schema": 1})
    assert did == ["1 devices became silent", "0 devices became silent"]
    assert (flagged, silent_since()) == ("2026-12-01T02:00:00.000Z", None)
    assert admin.token


def test_a_revoked_device_is_not_silent(centre: TestCentre) -> None:
    admin, alice = centre.staff("administrator@nation"), centre.field(ALICE)
    admin.post(f"/api/v1/devices/{alice.device}/revoke", json={"order": "lost"})
    centre.clock.turn(days=8)
    assert flag_silent_devices.run(centre.centre, centre.clock()) == "0 devices became silent"


def test_tokens_go_a_year_after_they_expired(centre: TestCentre) -> None:
    bob = centre.staff("inspector@nation")
    codes = []
    for days in (1, 366):
        centre.clock.turn(days=days)
        prune_tokens.run(centre.centre, centre.clock())
        codes.append(bob.get("/api/v1/me").json["code"])
    assert codes == ["token_expired", "unauthenticated"]


def test_right_checksums_are_found_right_and_a_wrong_one_wrong(centre: TestCentre) -> None:
    alice = centre.field(ALICE)
    attach(centre, alice)
    right = verify_checksums.run(centre.centre, centre.clock())
    with writing(centre.centre.engine) as connection:
        mine = bucket.c.key == f"user:{alice.id}"
        connection.execute(update(bucket).where(mine).values(checksum="0" * 16))
    with reading(centre.centre.engine) as connection:
        wrong = list(verify_checksums.wrong_buckets(connection))
    assert right.endswith(" 0 wrong")
    assert wrong == [f"user:{alice.id}"]


def hourly(run: Any) -> Job:
    return Job("test", run, every=timedelta(hours=1))


def test_one_holder_runs_a_job_and_the_other_takes_over_an_interval_later(centre: TestCentre) -> None:
    ran: list[str] = []
    job = hourly(lambda _centre, _now: ran.append("ran") or "done")
    first, second = new_id(), new_id()
    turns = [running.take_turn(centre.centre, job, holder) for holder in (first, second, first)]
    centre.clock.turn(hours=1)
    turns += [running.take_turn(centre.centre, job, holder) for holder in (second, first)]
    assert (turns, len(ran)) == ([True, False, False, True, False], 2)


def test_a_job_that_fails_stops_nothing_and_quotes_nobody(centre: TestCentre, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_centre: Any, _now: Any) -> str:
        raise RuntimeError("สมหญิง ใจดี")

    ran = running.take_turn(centre.centre, hourly(fail), new_id())
    assert (ran, "สมหญิง" in caplog.text, "job failed" in caplog.text) == (False, False, True)


PROCESS = """
import sys, time, os
from datetime import timedelta
from pathlib import Path
from server.centre import open_centre
from server.config import Settings
from server.jobs import Job, running

log = Path(sys.argv[3])
def run(centre, now):
    with log.open("a") as file:
        file.write(f"{os.getpid()} {time.time()}\\n")
    return "done"

centre = open_centre(Settings(data_dir=Path(sys.argv[2]), database_url=sys.argv[1], log_level="ERROR"))
scheduler = running.start(centre, [Job("test", run, every=timedelta(seconds=1))])
print("up", flush=True)
sys.stdin.read()
scheduler.shutdown()
centre.engine.dispose()
"""


@pytest.mark.process
def test_two_processes_run_a_job_once_each_interval(migrated_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", PROCESS, migrated_url, str(tmp_path), str(log)]
    root = Path(__file__).parents[2]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": root, "text": True}
    with subprocess.Popen(command, **pipes) as first, subprocess.Popen(command, **pipes) as second:  # type: ignore[call-overload]
        assert [process.stdout.readline() for process in (first, second)] == ["up\n", "up\n"]
        wait_for_lines(log, 4)
        for process in (first, second):
            process.stdin.close()
    instants = [float(line.split()[1]) for line in log.read_text().splitlines()]
    apart = [later - earlier for earlier, later in pairwise(instants)]
    # Two that both thought it theirs would be milliseconds apart; a busy machine shifts a run within its interval.
    assert min(apart) > 0.5 * running.LEASE_SHARE


def wait_for_lines(log: Path, count: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if log.exists() and len(log.read_text().splitlines()) >= count:
            return
        time.sleep(0.1)
    raise AssertionError("the job did not run often enough")
