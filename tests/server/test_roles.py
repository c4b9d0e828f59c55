"""The permission table reads as sentences, and names nothing that does not exist."""

import pytest

from schemas.records import RECORD_TYPES
from server.auth.roles import ROLES, Assignment, allows, fits, permits

OF_THE_CENTRE = {
    "vocabulary", "schema", "me", "token", "record", "sync", "upload", "report", "unfinished", "device", "enrolment",
    "user", "role", "delivery", "key_recovery", "access",
}  # fmt: skip
"""What is permitted besides record types."""


def test_the_table_names_only_what_exists() -> None:
    named = {type_ for role in ROLES.values() for type_ in role.may}
    assert named - OF_THE_CENTRE - set(RECORD_TYPES) == set()


def test_somebody_may_read_every_type() -> None:
    readable = {type_ for role in ROLES.values() for type_, actions in role.may.items() if "read" in actions}
    assert set(RECORD_TYPES) - readable == set()


def test_whoever_carries_a_device_may_sync_and_nobody_else() -> None:
    assert {name for name, role in ROLES.items() if "push" in role.may.get("sync", ())} == {
        name for name, role in ROLES.items() if role.carries_device
    }


@pytest.mark.parametrize(
    ("role", "action", "type_"),
    [
        ("volunteer", "create", "help_request"),
        ("volunteer", "create", "emergency"),
        ("rru_member", "create", "case"),
        ("rru_member", "create", "visit"),
        ("intake_officer", "create", "contact"),
        ("tambon_centre", "create", "case"),
        ("social_worker", "resolve", "conflict"),
        ("social_worker", "merge", "person"),
        ("approver", "approve", "case"),
        ("approver", "revoke", "device"),
        ("finance_officer", "update", "assistance"),
        ("inspector", "read", "case"),
        ("national_staff", "resolve", "conflict"),
        ("administrator", "create", "user"),
    ],
)
def test_they_may(role: str, action: str, type_: str) -> None:
    assert allows(role, type_, action)


@pytest.mark.parametrize(
    ("role", "action", "type_"),
    [
        ("volunteer", "create", "case"),
        ("volunteer", "update", "emergency"),
        ("volunteer", "delete", "help_request"),
        ("rru_member", "resolve", "conflict"),
        ("rru_member", "create", "user"),
        ("intake_officer", "merge", "person"),
        ("finance_officer", "read", "case"),
        ("inspector", "update", "case"),
        ("inspector", "push", "sync"),
        ("administrator", "read", "case"),
        ("administrator", "read", "person"),
        ("somebody_else", "read", "area"),
    ],
)
def test_they_may_not(role: str, action: str, type_: str) -> None:
    assert not allows(role, type_, action)


def test_nobody_creates_what_only_the_centre_writes() -> None:
    assert [name for name in ROLES if allows(name, "conflict", "create") or allows(name, "notice", "create")] == []


def test_several_roles_add_up() -> None:
    both = (Assignment("inspector", "nation"), Assignment("social_worker", "province:54"))
    assert [permits(both, "case", action) for action in ("read", "merge")] == [True, True]


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("rru_member", "team:0192f0c1"),
        ("rru_member", "district:5401"),
        ("volunteer", "village:54010103"),
        ("social_worker", "province:54"),
        ("inspector", "nation"),
    ],
)
def test_a_role_fits_its_scopes(role: str, scope: str) -> None:
    assert fits(role, scope)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("volunteer", "nation"),
        ("rru_member", "nation"),
        ("rru_member", "district:54"),
        ("rru_member", "district:๕๔๐๑"),
        ("rru_member", "team:"),
        ("inspector", "nation:1"),
        ("wizard", "nation"),
    ],
)
def test_a_role_fits_no_other(role: str, scope: str) -> None:
    assert not fits(role, scope)
