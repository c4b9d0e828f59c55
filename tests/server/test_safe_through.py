"""A push says how much of its lane the device may forget."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from server.ids import new_id
from server.jobs import keep_safe
from server.models.engine import reading, writing
from server.models.files import upload
from server.models.sync_tables import device_lane
from server.models.upkeep import backup
from server.store import safety
from sync.instants import rfc3339
from tests.server.centre import TestCentre
from tests.server.protocol_client import Centre, Phone
from tests.server.test_uploads import attach

ALICE = "social_worker@province:54"


def visit(phone: Phone) -> dict[str, object]:
    return phone.create("visit", case=new_id())


def safe_through(phone: Phone) -> int:
    return phone.send(phone.request()).safe_through


def test_nothing_is_safe_before_any_backup(alice: Phone) -> None:
    alice.push([visit(alice)])
    assert safe_through(alice) == 0


def test_a_backup_covers_what_its_commit_has_and_never_less_later(
    bare_centre: Centre, alice: Phone, bob: Phone
) -> None:
    commits = [alice.push([visit(alice)], [visit(alice)])[-1].commit for _ in range(3)]
    bob.push([visit(bob)])
    said = []
    for commit in (commits[0], commits[1], commits[0]):
        with writing(bare_centre.store.engine) as connection:
            moved = safety.cover_commit(connection, commit, rfc3339(bare_centre.now))
        said.append((moved, safe_through(alice), safe_through(bob)))
    assert said == [(1, 2, 0), (1, 4, 0), (0, 4, 0)]


def test_a_push_says_it_with_the_work_it_brings(bare_centre: Centre, alice: Phone) -> None:
    commit = alice.push([visit(alice)])[-1].commit
    with writing(bare_centre.store.engine) as connection:
        safety.cover_commit(connection, commit, rfc3339(bare_centre.now))
    assert alice.send(alice.request([visit(alice)])).safe_through == 1


def test_each_incarnation_has_a_count_of_its_own(bare_centre: Centre, alice: Phone) -> None:
    mutation = visit(alice)
    commit = alice.push([mutation])[-1].commit
    with writing(bare_centre.store.engine) as connection:
        safety.cover_commit(connection, commit, rfc3339(bare_centre.now))
    alice.incarnation, alice.last = new_id(), type(alice.last)(0)
    again = alice.push([mutation])[-1]
    before = safe_through(alice)
    with writing(bare_centre.store.engine) as connection:
        safety.cover_commit(connection, again.commit + 1, rfc3339(bare_centre.now))
    assert (before, safe_through(alice)) == (0, 1)


@pytest.mark.parametrize(("bytes_came", "safe"), [("before", 3), ("at once", 1), ("after", 1), ("never", 1)])
def test_a_photo_is_safe_once_its_bytes_were_in_the_backup(
    bare_centre: Centre, alice: Phone, bytes_came: str, safe: int
) -> None:
    person = alice.create("person", first_name="สมหญิง")
    photo = alice.create("attachment", owner_record=person["record"], sha256="a" * 64, size=3, media_type="image/jpeg")
    outcomes = alice.push([person], [photo], [visit(alice)])
    taken = bare_centre.now
    if bytes_came != "never":
        finished = rfc3339(taken + timedelta(seconds={"before": -1, "at once": 0, "after": 1}[bytes_came]))
        row = {"id": new_id(), "device": alice.author.device, "attachment": photo["record"], "sha256": "a" * 64}
        times = {"created_at": finished, "expires_at": finished, "finished_at": finished}
        with writing(bare_centre.store.engine) as connection:
            connection.execute(insert(upload), [row | times | {"size": 3}])
    with writing(bare_centre.store.engine) as connection:
        safety.cover_commit(connection, outcomes[-1].commit, rfc3339(taken))
    assert [each.outcome for each in outcomes[:2]] == ["applied", "applied"]
    assert safe_through(alice) == safe


def test_without_backups_it_trails_by_age_and_with_one_no_longer(centre: TestCentre) -> None:
    alice = centre.field(ALICE)
    attach(centre, alice)
    said = [keep_safe.run(centre.centre, centre.clock())]
    centre.clock.turn(days=31)
    row = {"id": new_id(), "epoch": "e", "commit_number": 1, "taken_at": rfc3339(centre.clock()), "place": "p"}
    said.append(keep_safe.run(centre.centre, centre.clock()))
    with writing(centre.centre.engine) as connection:
        verified = {"verified_at": rfc3339(centre.clock()), "sha256": "0" * 64, "bytes": 1}
        connection.execute(insert(backup), [row | verified])
    said.append(keep_safe.run(centre.centre, centre.clock()))
    with reading(centre.centre.engine) as connection:
        lanes = connection.execute(select(device_lane.c.last_seq, device_lane.c.safe_seq)).all()
    assert said == ["0 lanes became safe by age", "1 lanes became safe by age", "verified backups say what is safe"]
    assert lanes == [(2, 1)]  # the photo's bytes never came
