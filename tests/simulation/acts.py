"""What people type on their devices. Every act takes the fleet and its own dice, and says in a line what was done.

The values are few where people should collide (codes, areas) and marked with where they come from where it must be
seen that nothing is lost (lines of text).
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from field_kit.errors import KitError
from schemas.reference_number import mint
from tests.simulation.fleet import Fleet
from tests.simulation.people import TEAM, TEAM_ELSEWHERE
from tests.simulation.phone import Phone

Act = Callable[[Fleet, Random], str | None]

AREAS = ("54010103", "540102", "540201", "560101")
REGISTERS: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "case": {
        "urgency": ("normal", "urgent", "most_urgent", None),
        "status": ("in_progress", "follow_up", "closed", "reopened"),
        "severity": ("level_1", "level_2", "level_3"),
        "place_text": ("หน้าวัด", "ตลาด", "ท่ารถ", None),
        "reporter_name": ("คนแจ้งหนึ่ง", "คนแจ้งสอง", None),
    },
    "person": {
        "first_name": ("สมชาย", "สมศรี", "มานี", "ชูใจ"),
        "nickname_or_mark": ("แดง", "ดำ", None),
        "sex": ("male", "female"),
        "has_disability": (True, False, None),
    },
    "visit": {"kind": ("home_visit", None), "duration_minutes": (10, 20), "visited_on": ("2026-11-19", "2026-11-20")},
    "household": {"house_number": ("12", "13", "14"), "members_count": (1, 2, 3, None)},
    "assistance": {"amount_satang": (100_000, 200_000, 300_000), "payee_name": ("ก", "ข")},
    "emergency": {"place_text": ("สี่แยก", "สะพาน")},
}
TEXTS: Mapping[str, tuple[str, ...]] = {
    "case": ("danger_notes", "summary", "closing_note"),
    "person": ("health_notes", "whereabouts"),
    "visit": ("narrative", "danger_notes"),
    "household": ("directions", "note"),
    "assistance": ("goods", "note"),
}
SETS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "case": ("problems", ("income_livelihood", "violence", "family_behaviour", "homeless_begging")),
    "person": ("phones", ("0810000001", "0810000002", "0810000003")),
    "visit": ("hardship", ()),
}
POSITIONS = ((18.1, 100.1, 5.0), (18.2, 100.2, 9.0), (18.1, 100.2, 5.0), (18.3, 100.3, None))
BIRTHS = (("1980-01-01", "year"), ("1980-01-01", "month"), ("1980-05-01", "month"), ("1981-02-03", "day"))


def typed(act: Callable[[Phone, Fleet, Random], str | None]) -> Act:
    """Turn what somebody writes on one device into an act; what the kit refuses was not saved, and that is fine."""

    def done(fleet: Fleet, dice: Random) -> str | None:
        phone = fleet.phone(dice)
        if phone is None:
            return None
        said: list[str | None] = []
        try:
            fleet.save(phone, lambda: said.append(act(phone, fleet, dice)))
        except KitError as refused:
            return f"{phone.name} may not save: {type(refused).__name__} {refused}"
        return f"{phone.name} {said[0]}" if said and said[0] else None

    done.__name__, done.__doc__ = act.__name__, act.__doc__
    return done


# --- new records


@typed
def new_case(phone: Phone, fleet: Fleet, dice: Random) -> str:
    """A case with its person, in one press of Save."""
    area = dice.choice(AREAS)
    with phone.kit.save() as save:
        known = pick(fleet, phone, dice, "person") if dice.random() < 0.5 else None
        person = known or save.create("person", first_name=dice.choice(REGISTERS["person"]["first_name"]))
        save.create(
            "case", reference_number=mint(dice.getrandbits(60)), received_on="2026-11-20", intake_channel="walk_in",
            intake_district=area[:4], area=area, affected_person=person, team=dice.choice((None, TEAM, TEAM_ELSEWHERE)),
        )  # fmt: skip
    return f"records a case {_short(save.saved.records[-1])} in {area}"


@typed
def new_visit(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """A visit of a case."""
    case = pick(fleet, phone, dice, "case")
    if case is None:
        return None
    made = phone.kit.create("visit", case=case, visited_on="2026-11-21", narrative=f"พบ {mark(fleet, phone)}")
    return f"records a visit {_short(made.record)} of {_short(case)}"


@typed
def new_person(phone: Phone, fleet: Fleet, dice: Random) -> str:
    """A person alone, and sometimes a household."""
    if dice.random() < 0.3:
        made = phone.kit.create("household", area=dice.choice(AREAS)[:6], house_number="12")
        return f"records a household {_short(made.record)}"
    made = phone.kit.create("person", first_name=dice.choice(REGISTERS["person"]["first_name"]), sex="male")
    return f"records a person {_short(made.record)}"


@typed
def new_assistance(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Help given in a case."""
    case = pick(fleet, phone, dice, "case")
    if case is None:
        return None
    made = phone.kit.create(
        "assistance", case=case, kind="money", amount_satang=dice.choice((100_000, 200_000)), given_on="2026-11-21"
    )
    return f"records assistance {_short(made.record)} in {_short(case)}"


@typed
def new_emergency(phone: Phone, fleet: Fleet, dice: Random) -> str:
    """An emergency, which goes ahead of everything."""
    made = phone.kit.create("emergency", causes=["sexual_abuse_risk"], area=dice.choice(AREAS)[:6])
    return f"reports an emergency {_short(made.record)}"


# --- edits


@typed
def set_register(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Set one or two fields of one value each."""
    kind, record = _some(fleet, phone, dice, *REGISTERS)
    if record is None:
        return None
    names = dice.sample(sorted(REGISTERS[kind]), min(len(REGISTERS[kind]), dice.choice((1, 1, 2))))
    values = {name: dice.choice(REGISTERS[kind][name]) for name in names if name in REGISTERS[kind]}
    phone.kit.update(record, values)
    return f"sets {values} of {kind} {_short(record)}"


@typed
def move_case(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Move a case to another area, team or officer."""
    case = pick(fleet, phone, dice, "case")
    if case is None:
        return None
    name, choices = dice.choice(
        (
            ("area", AREAS),
            ("team", (None, TEAM, TEAM_ELSEWHERE)),
            ("assigned_to", (None, fleet.users["boon"], fleet.users["anong"], fleet.users["gaew"])),
        )
    )
    value = dice.choice(choices)
    phone.kit.update(case, {name: value})
    return f"moves case {_short(case)} to {name} {_short(value or '-')}"


@typed
def write_text(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Add a line to a text, above or below, or change or delete one."""
    kind, record = _some(fleet, phone, dice, *TEXTS)
    if record is None:
        return None
    name = dice.choice(TEXTS[kind])
    shown = phone.kit.get(record)
    before = shown.data.get(name) if shown else None
    lines = before.split("\n") if isinstance(before, str) and before else []
    place, new = dice.choice((0, len(lines), len(lines))), f"บรรทัด {mark(fleet, phone)}"
    manner = dice.random()
    if manner < 0.7 or not lines:
        lines.insert(place, new)
    elif manner < 0.9:
        lines[dice.randrange(len(lines))] = new
    else:
        lines.pop(dice.randrange(len(lines)))
    phone.kit.update(record, {name: "\n".join(lines) or None})
    return f"writes {name} of {kind} {_short(record)}: {len(lines)} lines"


@typed
def change_set(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Add to a list of choices, or take from it."""
    kind, record = _some(fleet, phone, dice, "case", "person")
    if record is None:
        return None
    name, choices = SETS[kind]
    shown = phone.kit.get(record)
    before = list(shown.data.get(name) or []) if shown else []
    element = dice.choice(choices)
    after = [each for each in before if each != element] if element in before else [*before, element]
    phone.kit.update(record, {name: after})
    return f"makes {name} of {kind} {_short(record)} {after}"


@typed
def name_people(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Say who else a case concerns."""
    case, person = pick(fleet, phone, dice, "case"), pick(fleet, phone, dice, "person")
    shown = phone.kit.get(case) if case else None
    if case is None or person is None or shown is None:
        return None
    before = list(shown.data.get("people") or [])
    after = [each for each in before if each != person] if person in before else [*before, person]
    phone.kit.update(case, people=after)
    return f"names {len(after)} people in case {_short(case)}"


@typed
def set_group(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Set a field group: a place, or a birth date with its precision."""
    kind, record = _some(fleet, phone, dice, "visit", "person", "household")
    if record is None:
        return None
    if kind == "person":
        date, precision = dice.choice(BIRTHS)
        values: dict[str, Any] = {"birth_date": date, "birth_date_precision": precision}
    else:
        values = dict(zip(("latitude", "longitude", "accuracy_m"), dice.choice(POSITIONS), strict=True))
    phone.kit.update(record, values)
    return f"sets {values} of {kind} {_short(record)}"


@typed
def close_case(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Close a case, or raise it."""
    case = pick(fleet, phone, dice, "case")
    if case is None:
        return None
    if dice.random() < 0.5:
        phone.kit.update(case, urgency="most_urgent")
        return f"raises case {_short(case)}"
    phone.kit.update(case, status="closed", closed_on="2026-11-22", outcome="helped")
    return f"closes case {_short(case)}"


@typed
def delete_record(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Delete something."""
    kind, record = _some(fleet, phone, dice, "visit", "assistance", "person", "case", "attachment")
    if record is None:
        return None
    phone.kit.delete(record)
    return f"deletes {kind} {_short(record)}"


@typed
def save_several(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Change several records in one press of Save: all of it or nothing."""
    found = [each for each in (pick(fleet, phone, dice, kind) for kind in ("case", "person", "visit")) if each]
    case = pick(fleet, phone, dice, "case")
    if len(found) < 2:
        return None
    with phone.kit.save() as save:
        for record in dict.fromkeys(found):
            shown = phone.kit.get(record)
            name, choices = dice.choice(sorted(REGISTERS[shown.type].items())) if shown else ("", ())
            if shown:
                save.update(record, {name: dice.choice(choices)})
        if case and dice.random() < 0.5:
            save.create("visit", case=case, visited_on="2026-11-22")
    return f"saves {len(found)} records at once"


@typed
def join_records(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Say that two records are one."""
    kind = dice.choice(("person", "person", "case", "household"))
    one, other = pick(fleet, phone, dice, kind), pick(fleet, phone, dice, kind)
    if one is None or other is None or one == other:
        return None
    phone.kit.merge(one, other, "คนเดียวกัน")
    return f"merges {kind} {_short(one)} into {_short(other)}"


@typed
def correct_refused(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """Write again on a record whose edit was refused or waits."""
    rows = phone.rows("SELECT DISTINCT record FROM mutation WHERE outcome IN ('rejected', 'held') ORDER BY record")
    if not rows:
        return None
    record = dice.choice(rows)[0]
    phone.kit.update(record, {"place_text": "แก้แล้ว"})
    return f"corrects {_short(record)}"


# --- what acts share


def pick(fleet: Fleet, phone: Phone, dice: Random, kind: str) -> str | None:
    """Pick a record of a type that the device shows."""
    found = sorted({record.id for record in phone.kit.list(kind)})
    return fleet.choose(dice, found) if found else None


def mark(fleet: Fleet, phone: Phone) -> str:
    """Return a mark that says who wrote something at which step."""
    return f"{phone.name}@{fleet.number}"


def _some(fleet: Fleet, phone: Phone, dice: Random, *kinds: str) -> tuple[str, str | None]:
    kind = dice.choice(kinds)
    return kind, pick(fleet, phone, dice, kind)


def _short(id_: str) -> str:
    return id_[-6:]


TYPED: Mapping[str, tuple[Act, int]] = {
    "new-case": (new_case, 3),
    "new-visit": (new_visit, 4),
    "new-person": (new_person, 2),
    "new-assistance": (new_assistance, 1),
    "new-emergency": (new_emergency, 1),
    "set-register": (set_register, 9),
    "move-case": (move_case, 5),
    "write-text": (write_text, 7),
    "change-set": (change_set, 4),
    "name-people": (name_people, 3),
    "set-group": (set_group, 3),
    "close-case": (close_case, 2),
    "delete-record": (delete_record, 2),
    "save-several": (save_several, 3),
    "join-records": (join_records, 2),
    "correct-refused": (correct_refused, 1),
}
"""What people may type: name -> (act, weight)."""
