"""One table: role x type x action. Pure data; docs/permissions.md is printed from it and the tests walk it.

A role says what its holder may do to records of a type at all; which records is a matter of scope (``grants``),
and which fields of them of privacy classes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from schemas.base import Label
from schemas.privacy import ALL_CLASSES, EXCEPT_PROTECTED, NO_SENSITIVE, ONLY_NORMAL, Privacy

NOTHING: frozenset[Privacy] = frozenset()

Rights = Mapping[str, frozenset[str]]
"""Type -> actions."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role that somebody holds, and where."""

    role: str
    scope: str


@dataclass(frozen=True, slots=True)
class Role:
    """What the holders of a role may do. ``classes``: what they see in the centre's own views, not on a device."""

    name: str
    label: Label
    scopes: tuple[str, ...]
    carries_device: bool
    classes: frozenset[Privacy]
    may: Rights


def rights(**of_types: str) -> Rights:
    """Return rights from words: ``rights(case="create read update")``."""
    return {name: frozenset(actions.split()) for name, actions in of_types.items()}


def joined(*parts: Rights) -> Rights:
    """Return rights put together."""
    names = sorted({name for part in parts for name in part})
    return {name: frozenset().union(*(part.get(name, frozenset()) for part in parts)) for name in names}


def on(actions: str, types: Iterable[str]) -> Rights:
    """Return the same actions on several types."""
    return dict.fromkeys(types, frozenset(actions.split()))


REFERENCE = ("area", "team", "agency", "assistance_rule")
CASE_WORK = (
    "person",
    "household",
    "household_member",
    "case",
    "contact",
    "visit",
    "assistance",
    "referral",
    "assessment",
    "attachment",
    "emergency",
    "help_request",
    "outreach_activity",
)

FILED_BY_VOLUNTEERS = ("person", "household", "household_member", "help_request", "visit", "attachment")

EVERYBODY = joined(
    on("read", REFERENCE),
    rights(vocabulary="read", schema="read", me="read", token="delete", record="read", delivery="create"),
)
ON_DEVICES = joined(
    EVERYBODY,
    rights(sync="push pull", upload="create", notice="read update delete", conflict="read", device="wipe"),
)
FIELD_WORK = on("create read update delete", CASE_WORK)
STAFF = joined(EVERYBODY, rights(report="read", device="read"))
OVERSIGHT = rights(
    conflict="read resolve",
    unfinished="read decide",
    delivery="read decide",
    person="merge unmerge export",
    household="merge unmerge",
    case="assign merge unmerge export approve",
    help_request="return export",
    report_narrative="create read update",
)

ROLES: Mapping[str, Role] = {
    role.name: role
    for role in (
        Role(
            "volunteer",
            Label("อพม.", "Volunteer"),
            ("village", "tambon", "district"),
            carries_device=True,
            classes=ONLY_NORMAL,
            may=joined(
                ON_DEVICES,
                on("create read update", FILED_BY_VOLUNTEERS),
                rights(emergency="create read", help_request="check"),
            ),
        ),
        Role(
            "rru_member",
            Label("เจ้าหน้าที่หน่วยเคลื่อนที่เร็ว", "Rapid response unit member"),
            ("team", "district", "province"),
            carries_device=True,
            classes=ALL_CLASSES,
            may=joined(ON_DEVICES, FIELD_WORK),
        ),
        Role(
            "tambon_centre",
            Label("ศูนย์ช่วยเหลือสังคมตำบล", "Tambon social assistance centre"),
            ("tambon", "district"),
            carries_device=True,
            classes=EXCEPT_PROTECTED,
            may=joined(ON_DEVICES, FIELD_WORK),
        ),
        Role(
            "intake_officer",
            Label("เจ้าหน้าที่รับเรื่อง", "Intake officer"),
            ("district", "province"),
            carries_device=True,
            classes=EXCEPT_PROTECTED,
            may=joined(ON_DEVICES, FIELD_WORK, rights(case="assign", help_request="return", report="read")),
        ),
        Role(
            "social_worker",
            Label("นักสังคมสงเคราะห์", "Social worker"),
            ("district", "province"),
            carries_device=True,
            classes=EXCEPT_PROTECTED,
            may=joined(ON_DEVICES, STAFF, FIELD_WORK, OVERSIGHT),
        ),
        Role(
            "approver",
            Label("พมจ. (ผู้อนุมัติ)", "Approver (provincial head)"),
            ("province",),
            carries_device=True,
            classes=EXCEPT_PROTECTED,
            may=joined(
                ON_DEVICES,
                STAFF,
                FIELD_WORK,
                OVERSIGHT,
                rights(
                    assistance="approve",
                    report="freeze",
                    report_narrative="approve",
                    device="revoke",
                    key_recovery="read decide",
                    enrolment="create read",
                    user="read",
                    record="erase",
                    access="read",
                ),
            ),
        ),
        Role(
            "finance_officer",
            Label("การเงิน", "Finance officer"),
            ("province", "nation"),
            carries_device=False,
            classes=NO_SENSITIVE,
            may=joined(EVERYBODY, rights(assistance="read update", report="read")),
        ),
        Role(
            "inspector",
            Label("ผู้ตรวจราชการ", "Inspector"),
            ("province", "nation"),
            carries_device=False,
            classes=NO_SENSITIVE,
            may=joined(EVERYBODY, on("read", CASE_WORK), rights(report="read", report_narrative="read", access="read")),
        ),
        Role(
            "group_staff",
            Label("สำนักงานส่งเสริมและสนับสนุนวิชาการ (สสว.)", "Technical support office staff"),
            ("province",),
            carries_device=False,
            classes=NO_SENSITIVE,
            may=joined(EVERYBODY, on("read", CASE_WORK), rights(report="read", report_narrative="read")),
        ),
        Role(
            "national_staff",
            Label("เจ้าหน้าที่ส่วนกลาง (กรุงเทพฯ)", "National staff"),
            ("nation",),
            carries_device=False,
            classes=EXCEPT_PROTECTED,
            may=joined(
                STAFF,
                on("read update", CASE_WORK),
                OVERSIGHT,
                on("create update", REFERENCE),
                rights(record="erase", access="read"),
            ),
        ),
        Role(
            "administrator",
            Label("ผู้ดูแลระบบ", "Administrator"),
            ("nation", "province"),
            carries_device=False,
            classes=NOTHING,
            may=joined(
                EVERYBODY,
                rights(
                    user="create read update",
                    role="create delete",
                    device="read revoke",
                    key_recovery="read decide",
                    enrolment="create read",
                ),
                on("create update", REFERENCE),
            ),
        ),
    )
}


def allows(role: str, subject: str, action: str) -> bool:
    """Tell whether a role may do something to records of a type (or to ``device``, ``report``, … of the centre)."""
    known = ROLES.get(role)
    return known is not None and action in known.may.get(subject, frozenset())


def permits_of(roles: frozenset[str]) -> Callable[[str, str], bool]:
    """Return whether any of some roles allows an action on a type; asked for every mutation, so remembered."""

    @cache
    def permitted(subject: str, action: str) -> bool:
        return any(allows(role, subject, action) for role in roles)

    return permitted


def permits(assignments: Iterable[Assignment], subject: str, action: str) -> bool:
    """Tell whether any of somebody's roles allows it."""
    return any(allows(held.role, subject, action) for held in assignments)


def fits(role: str, scope: str) -> bool:
    """Tell whether a role exists and may be held over a scope such as ``province:54``."""
    kind, _, name = scope.partition(":")
    digits = {"province": 2, "district": 4, "tambon": 6, "village": 8}
    if role not in ROLES or kind not in ROLES[role].scopes:
        return False
    if kind == "nation":
        return not name
    return bool(name) if kind == "team" else name.isascii() and name.isdigit() and len(name) == digits[kind]
