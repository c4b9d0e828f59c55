"""What the centre does by itself: staff who decide, join, move, grant and erase; backups taken and verified."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from schemas.reference_number import mint
from server.backup.manifest import Manifest
from server.backup.taking import Taken, mark_verified, row_of
from server.models.engine import writing
from server.models.upkeep import backup as backup_table
from sync.mutation import Mutation, Op
from tests.simulation.acts import AREAS, REGISTERS, Act
from tests.simulation.fleet import Backup, Fleet
from tests.simulation.folders import files_of
from tests.simulation.headquarters import ServerDied, instant
from tests.simulation.people import FIELD_ROLES, TEAM, TEAM_ELSEWHERE
from tests.simulation.sight import Stored

PLACE = Path("nowhere")
ROLES_AROUND = ("social_worker@district:5401", "social_worker@district:5402", "social_worker@province:56")

# --- decide


def decide_conflict(fleet: Fleet, dice: Random) -> str | None:
    """Staff decide an open conflict, on a page that may be old by now."""
    found = fleet.desk.get("nation", "/conflicts?status=open&limit=50")
    if not found or not found["items"]:
        return None
    chosen = dice.choice(found["items"])
    return _decide(fleet, dice, chosen["id"])


def look_at_conflict(fleet: Fleet, dice: Random) -> str | None:
    """Staff open a conflict and are called away; see ``decide_late``."""
    found = fleet.desk.get("nation", "/conflicts?status=open&limit=50")
    if not found or not found["items"]:
        return None
    chosen = dice.choice(found["items"])["id"]
    answer = fleet.desk.ask("nation", "GET", f"/conflicts/{chosen}")
    if answer is None or answer.status != 200:
        return None
    tag = next((value for name, value in answer.headers if name.lower() == "etag"), "")
    fleet.open_pages.append((chosen, tag, answer.json))
    return f"staff look at a conflict of {answer.json['field']}"


def decide_late(fleet: Fleet, dice: Random) -> str | None:
    """They come back and decide by what they saw then."""
    if not fleet.open_pages:
        return None
    id_, tag, body = fleet.open_pages.pop(dice.randrange(len(fleet.open_pages)))
    return _answered(fleet, dice, id_, tag, body)


def _decide(fleet: Fleet, dice: Random, id_: str) -> str | None:
    answer = fleet.desk.ask("nation", "GET", f"/conflicts/{id_}")
    if answer is None or answer.status != 200:
        return None
    tag = next((value for name, value in answer.headers if name.lower() == "etag"), "")
    return _answered(fleet, dice, id_, tag, answer.json)


def _answered(fleet: Fleet, dice: Random, id_: str, tag: str, body: Mapping[str, Any]) -> str:
    choices = ["central", *(each["incarnation"] for each in body["contenders"])]
    choice, record = dice.choice(choices), fleet.sight.records.get(body["record"])
    said = fleet.desk.ask(
        "nation", "POST", f"/conflicts/{id_}/resolve", {"choice": choice, "reason": "ตรวจแล้ว"}, If_Match=tag
    )
    if said and record:
        fleet.tell("decided", id_, body, record.version, said)
    return f"staff decide {body['field']} of {body['record'][-6:]}: {choice[-6:]} -> {said.status if said else 'died'}"


# --- write


def central_edit(fleet: Fleet, dice: Random) -> str | None:
    """Staff change a register of a record at the centre."""
    kind = dice.choice(("case", "person", "visit"))
    state = _record(fleet, dice, kind)
    if state is None:
        return None
    name = dice.choice(sorted(REGISTERS[kind]))
    return _set(fleet, state, name, dice.choice(REGISTERS[kind][name]))


def central_move(fleet: Fleet, dice: Random) -> str | None:
    """Staff move a case to another area, team or officer."""
    state = _record(fleet, dice, "case")
    if state is None:
        return None
    name, choices = dice.choice(
        (
            ("area", AREAS),
            ("team", (None, TEAM, TEAM_ELSEWHERE)),
            ("assigned_to", (None, fleet.users["boon"], fleet.users["gaew"])),
        )
    )
    return _set(fleet, state, name, dice.choice(choices))


def central_delete(fleet: Fleet, dice: Random) -> str | None:
    """Staff delete a record."""
    state = _record(fleet, dice, dice.choice(("visit", "assistance", "person")))
    if state is None:
        return None
    return _write(fleet, Op.DELETE, state, base=state.version)


def new_at_centre(fleet: Fleet, dice: Random) -> str:
    """Staff record a case that was told to them by telephone."""
    headquarters, area = fleet.headquarters, dice.choice(AREAS)
    data = {
        "reference_number": mint(dice.getrandbits(60)), "received_on": "2026-11-21", "intake_channel": "hotline_1300",
        "intake_district": area[:4], "area": area, "danger_notes": "แจ้งทางโทรศัพท์",
    }  # fmt: skip
    id_ = str(headquarters.ids.uuid7())
    headquarters.centre.store.create([("case", id_, data)], headquarters.time.at_centre(), user=fleet.users["nation"])
    return f"staff record a case {id_[-6:]} in {area}"


def set_at_centre(fleet: Fleet, state: Stored, name: str, value: Any) -> str:
    """Let staff set a field of a record."""
    return _set(fleet, state, name, value)


def _set(fleet: Fleet, state: Stored, name: str, value: Any) -> str:
    return _write(fleet, Op.UPDATE, state, base=state.version, set={name: (state.data.get(name), value)})


def _write(fleet: Fleet, op: Op, state: Stored, **parts: Any) -> str:
    headquarters = fleet.headquarters
    now = headquarters.time.at_centre()
    mutation = Mutation(0, str(headquarters.ids.uuid7()), op, state.type, state.id, recorded_at=instant(now), **parts)
    try:
        [outcome] = headquarters.centre.store.write([[mutation]], now, user=fleet.users["nation"])
    except ServerDied:
        headquarters.fall()
        return "the centre died over staff's edit"
    what = parts.get("set", {})
    return f"staff {op.value} {state.type} {state.id[-6:]} {dict(what)} -> {outcome.outcome} {outcome.code or ''}"


def _record(fleet: Fleet, dice: Random, kind: str) -> Stored | None:
    found = [each for each in fleet.sight.records.values() if each.type == kind and not each.deleted]
    return fleet.choose(dice, found) if found else None


# --- join


def central_merge(fleet: Fleet, dice: Random) -> str | None:
    """Staff merge two records."""
    kind = dice.choice(("person", "person", "case", "household"))
    one, other = _record(fleet, dice, kind), _record(fleet, dice, kind)
    if one is None or other is None or one.id == other.id:
        return None
    body = {"into": other.id, "reason": "คนเดียวกัน"}
    if dice.random() < 0.4 and one.data:
        body["take"] = [dice.choice(sorted(one.data))]  # type: ignore[assignment]
    said = fleet.desk.ask("nation", "POST", f"/records/{one.id}/merge", body, If_Match=f'"{one.version}"')
    return f"staff merge {kind} {one.id[-6:]} into {other.id[-6:]} -> {said.status if said else 'died'}"


def central_unmerge(fleet: Fleet, dice: Random) -> str | None:
    """Staff find that they were two after all."""
    merged = [each for each in fleet.sight.records.values() if each.merged_into]
    if not merged:
        return None
    one = dice.choice(merged)
    said = fleet.desk.ask(
        "nation", "POST", f"/records/{one.id}/unmerge", {"reason": "คนละคน"}, If_Match=f'"{one.version}"'
    )
    return f"staff take {one.type} {one.id[-6:]} apart -> {said.status if said else 'died'}"


# --- settle


def settle_unfinished(fleet: Fleet, dice: Random) -> str | None:
    """Staff settle an edit that was refused or waits: dismiss it, return it, or apply it."""
    found = fleet.desk.get("nation", "/unfinished?limit=50")
    if not found or not found["items"]:
        return None
    item = dice.choice(found["items"])
    how = dice.choice(("dismiss", "return", "apply"))
    body: dict[str, Any] = {"reason": "ดูแล้ว"}
    if how == "return":
        body["fields"] = {}
    said = fleet.desk.ask("nation", "POST", f"/unfinished/{item['id']}/{how}", body)
    return f"staff {how} a {item['outcome']} {item['op']} {item['code']} -> {said.status if said else 'died'}"


# --- rights


def change_roles(fleet: Fleet, dice: Random) -> str | None:
    """The administrator takes a role from somebody, or gives one."""
    whose = dice.choice([name for name in FIELD_ROLES if name in {phone.name.split("-")[0] for phone in fleet.phones}])
    user = fleet.users[whose]
    person = fleet.desk.get("admin", f"/users/{user}")
    if person is None:
        return None
    held = [f"{each['role']}@{each['scope']}" for each in person["roles"]]
    if held and dice.random() < 0.5:
        role, scope = dice.choice(held).split("@")
        said = fleet.desk.ask("admin", "DELETE", f"/users/{user}/roles/{role}/{scope}")
        return f"{whose} is no longer {role} of {scope[:14]} -> {said.status if said else 'died'}"
    role, scope = dice.choice([*FIELD_ROLES[whose], *ROLES_AROUND]).split("@")
    said = fleet.desk.ask("admin", "POST", f"/users/{user}/roles", {"role": role, "scope": scope})
    return f"{whose} becomes {role} of {scope[:14]} -> {said.status if said else 'died'}"


# --- backups


def take_backup(fleet: Fleet, dice: Random) -> str:
    """A backup is taken: an image of the database, and its row in it."""
    headquarters = fleet.headquarters
    now = headquarters.time.at_centre()
    sight = fleet.sight
    id_ = str(headquarters.ids.uuid7())
    files = files_of(headquarters.centre.blobs, [row[0] for row in headquarters.rows("SELECT sha256 FROM blob")])
    made = Backup(id_, headquarters.image(), sight.commit, sight.epoch, instant(now), sight.ledger_ids, files)
    with writing(headquarters.centre.engine) as connection:
        connection.execute(backup_table.insert(), [row_of(manifest_of(made), PLACE, verified_at=None)])
    fleet.tell("backed_up", made)
    fleet.backups = [*fleet.backups[-4:], made]
    return f"a backup at commit {made.commit}"


def verify_backup(fleet: Fleet, dice: Random) -> str | None:
    """The latest backup is found whole: devices may forget what it covers."""
    open_ = [each for each in fleet.backups if not each.verified and each.epoch == fleet.sight.epoch]
    if not open_:
        return None
    made = open_[-1]
    made.verified = True
    fleet.journal.backed_up |= made.ledger
    lanes = mark_verified(
        fleet.headquarters.centre, Taken(PLACE, manifest_of(made)), fleet.headquarters.time.at_centre()
    )
    fleet.tell("verified", made)
    return f"the backup at commit {made.commit} is verified: {lanes} lanes"


def manifest_of(made: Backup) -> Manifest:
    """Return what a backup says of itself."""
    return Manifest(
        format="image", format_version=1, id=made.id, protocol=1, schema=1, revision="", epoch=made.epoch,
        commit=made.commit, link="", taken_at=made.taken_at, encrypted=False, parts=[], blobs=0, blob_bytes=0,
        left_out=[],
    )  # fmt: skip


def time_passes(fleet: Fleet, dice: Random) -> str:
    """Hours pass."""
    span = timedelta(hours=dice.choice((1, 5, 26)))
    fleet.headquarters.time.pass_(span)
    return f"{span} pass"


OFFICE: Mapping[str, Mapping[str, tuple[Act, int]]] = {
    "deciding": {
        "decide-conflict": (decide_conflict, 5),
        "look-at-conflict": (look_at_conflict, 2),
        "decide-late": (decide_late, 2),
    },
    "central": {"central-edit": (central_edit, 5), "central-delete": (central_delete, 1)},
    "moving": {"central-move": (central_move, 5)},
    "joining": {"central-merge": (central_merge, 3), "central-unmerge": (central_unmerge, 2)},
    "settling": {"settle-unfinished": (settle_unfinished, 3)},
    "rights": {"change-roles": (change_roles, 4)},
    "backups": {"take-backup": (take_backup, 3), "verify-backup": (verify_backup, 3)},
    "time": {"time-passes": (time_passes, 2)},
}
"""Groups of what the centre does: group -> name -> (act, weight)."""
