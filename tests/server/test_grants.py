"""Which buckets a role gives, and how grants follow the roles."""

import pytest
from sqlalchemy import select

from server.auth import people
from server.auth.grants import buckets_of
from server.auth.roles import ROLES, Assignment
from server.models.engine import reading, writing
from server.models.sync_tables import bucket_grant
from server.starting_data import id_of
from tests.server.centre import TestCentre

PHRAE = ("5401", "5402", "5403")
ALICE = "0192f0c1-0000-7000-8000-00000000a11c"


@pytest.mark.parametrize(
    ("role", "scope", "buckets"),
    [
        ("volunteer", "village:54010103", {"reference", "user:A", "areas:54", "village:54010103"}),
        ("volunteer", "tambon:540101", {"reference", "user:A", "areas:54"}),
        ("rru_member", "district:5401", {"reference", "user:A", "areas:54", "duty:5401", "assigned:A"}),
        ("rru_member", "team:T", {"reference", "user:A", "areas:54", "team:T", "assigned:A"}),
        ("tambon_centre", "tambon:540101", {"reference", "user:A", "areas:54", "tambon:540101", "assigned:A"}),
        ("intake_officer", "district:5401", {"reference", "user:A", "areas:54", "district:5401", "assigned:A"}),
        (
            "social_worker",
            "province:54",
            {"reference", "user:A", "areas:54", "assigned:A"}
            | {"district:5400", "district:5401", "district:5402", "district:5403"},
        ),
        ("inspector", "province:54", set()),
        ("administrator", "nation", set()),
    ],
)
def test_a_role_gives_these_buckets(role: str, scope: str, buckets: set[str]) -> None:
    assert buckets_of(role, scope, "A", districts=PHRAE, home="5401") == buckets


def test_only_roles_that_carry_a_device_give_buckets() -> None:
    given = {name for name in ROLES if buckets_of(name, "province:54", "A", districts=PHRAE)}
    assert given == {name for name, role in ROLES.items() if role.carries_device}


def test_a_volunteer_never_gets_a_bucket_with_more_than_the_normal_class_of_others() -> None:
    buckets = buckets_of("volunteer", "village:54010103", "A")
    assert {bucket.partition(":")[0] for bucket in buckets} == {"reference", "user", "areas", "village"}


def open_grants(centre: TestCentre, person: str) -> set[str]:
    query = select(bucket_grant.c.bucket).where(bucket_grant.c.user == person, bucket_grant.c.until.is_(None))
    with reading(centre.centre.engine) as connection:
        return set(connection.execute(query).scalars())


def spans(centre: TestCentre, person: str, bucket: str) -> list[tuple[int, int | None]]:
    mine = (bucket_grant.c.user == person) & (bucket_grant.c.bucket == bucket)
    query = select(bucket_grant.c.since, bucket_grant.c.until).where(mine).order_by("since")
    with reading(centre.centre.engine) as connection:
        return [(row.since, row.until) for row in connection.execute(query)]


def test_grants_follow_the_roles(centre: TestCentre) -> None:
    alice = centre.person("rru_member@district:5401")
    before = open_grants(centre, alice)
    with writing(centre.centre.engine) as connection:
        people.give_role(connection, alice, Assignment("intake_officer", "district:5402"), now=centre.clock())
    with writing(centre.centre.engine) as connection:
        people.take_role(connection, alice, Assignment("rru_member", "district:5401"))
    common = {"reference", f"user:{alice}", "areas:54", f"assigned:{alice}"}
    assert before == common | {"duty:5401"}
    assert open_grants(centre, alice) == common | {"district:5402"}


def test_a_grant_that_ends_and_begins_again_has_two_spans_apart(centre: TestCentre) -> None:
    alice, role = centre.person("rru_member@district:5401"), Assignment("rru_member", "district:5401")
    with writing(centre.centre.engine) as connection:
        people.take_role(connection, alice, role)
    with writing(centre.centre.engine) as connection:
        people.give_role(connection, alice, role, now=centre.clock())
    (first, ended), (second, open_) = spans(centre, alice, "duty:5401")
    assert first < ended < second  # type: ignore[operator]
    assert open_ is None


def test_giving_a_role_twice_changes_nothing(centre: TestCentre) -> None:
    alice = centre.person("rru_member@district:5401", "inspector@nation")
    before = spans(centre, alice, "duty:5401")
    with writing(centre.centre.engine) as connection:
        people.give_role(connection, alice, Assignment("rru_member", "district:5401"), now=centre.clock())
    assert spans(centre, alice, "duty:5401") == before


def test_a_province_is_all_its_districts_and_the_one_not_known_yet(centre: TestCentre) -> None:
    new = {"code": "5499", "name_th": "อำเภอใหม่", "level": "district", "parent": "54"}
    centre.centre.store.create([("area", id_of("area", "5499"), new)], centre.clock())
    bob = centre.person("social_worker@province:54")
    districts = {bucket for bucket in open_grants(centre, bob) if bucket.startswith("district:")}
    assert districts == {f"district:54{number:02}" for number in (*range(9), 99)}


def test_a_team_brings_the_areas_of_its_home(centre: TestCentre) -> None:
    team = {"name": "ทีมกลางวัน", "kind": "day_team", "province": "54"}
    centre.centre.store.create([("team", ALICE, team)], centre.clock())
    assert "areas:54" in open_grants(centre, centre.person(f"rru_member@team:{ALICE}"))
