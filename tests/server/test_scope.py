"""What a desk shows is never more than a device of the same role would hold."""

from schemas.privacy import ALL_CLASSES, EXCEPT_PROTECTED, ONLY_NORMAL
from server.auth.roles import Assignment
from server.auth.scope import OPEN_LISTS, scopes_of_role
from server.store import Scope


def seen(role: str, scope: str) -> dict[str, object]:
    """Return bucket key or prefix -> the classes seen in it."""
    found = scopes_of_role(Assignment(role, scope), "me")
    return {key: each.classes for each in found for key in (each.buckets or {"everything"}) | each.prefixes}


def test_a_duty_team_sees_its_district_in_normal_and_its_own_cases_whole() -> None:
    district = seen("rru_member", "district:5401")
    assert (district["duty:5401"], district["assigned:me"]) == (ONLY_NORMAL, ALL_CLASSES)
    assert seen("rru_member", "province:54")["duty:54"] == ONLY_NORMAL
    assert seen("rru_member", "team:x")["team:x"] == ALL_CLASSES


def test_a_social_worker_sees_protected_fields_only_of_cases_assigned_to_them() -> None:
    [scope] = [each for each in scopes_of_role(Assignment("social_worker", "province:54"), "me") if each.prefixes]
    assert "district:54" in scope.prefixes
    assert scope.classes == EXCEPT_PROTECTED
    assert scope.assigned == {"assigned:me"}


def test_a_volunteer_sees_their_village_in_normal() -> None:
    assert seen("volunteer", "village:54010103")["village:54010103"] == ONLY_NORMAL


def test_an_administrator_sees_lists_and_no_case() -> None:
    assert scopes_of_role(Assignment("administrator", "nation"), "me") == [
        Scope(ONLY_NORMAL, OPEN_LISTS, frozenset({"areas:"}))
    ]
