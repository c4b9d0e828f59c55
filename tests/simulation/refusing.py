"""What the centre refuses and a device only warns of: a day after the receipt. What hangs on it waits."""

from collections.abc import Mapping
from random import Random

from schemas.reference_number import mint
from tests.simulation.acts import AREAS, REGISTERS, Act, mark, pick
from tests.simulation.fleet import Fleet
from tests.simulation.moves import idle, saved, synced
from tests.simulation.phone import Phone

TOO_LATE, GOOD = "2027-11-20", "2026-11-20"
DAYS: Mapping[str, str] = {"case": "received_on", "visit": "visited_on", "assistance": "given_on"}
"""Type -> the day that may not lie after the receipt."""


def refused_case(fleet: Fleet, dice: Random) -> str | None:
    """A case with a wrong day is refused with its person, its visits wait; mostly somebody corrects it."""
    phone = idle(fleet, dice)
    if phone is None or (case := _new_case(fleet, dice, phone)) is None:
        return None
    arrived = dice.random() < 0.5 and synced(fleet, phone)
    visits = sum(_new_visit(fleet, phone, case, GOOD) for _ in range(dice.choice((1, 1, 2))))
    if dice.random() < 0.8:
        arrived = synced(fleet, phone) or arrived
    mended = arrived and dice.random() < 0.7 and saved(fleet, phone, lambda: phone.kit.update(case, received_on=GOOD))
    if mended and dice.random() < 0.6:
        synced(fleet, phone)
    return f"{phone.name} records case {case[-6:]} on a wrong day with {visits} visits{', and mends it' * bool(mended)}"


def refused_group(fleet: Fleet, dice: Random) -> str | None:
    """In one Save stand good edits and one with a wrong day: all of it is refused, and what follows is not."""
    phone = idle(fleet, dice)
    case = pick(fleet, phone, dice, "case") if phone else None
    if phone is None or case is None:
        return None

    def several() -> None:
        with phone.kit.save() as save:
            save.update(case, place_text=dice.choice(REGISTERS["case"]["place_text"]))
            save.create("visit", case=case, visited_on=TOO_LATE, narrative=f"พบ {mark(fleet, phone)}")

    there = saved(fleet, phone, several)
    _new_visit(fleet, phone, case, GOOD)
    if dice.random() < 0.5:
        synced(fleet, phone)
    return f"{phone.name} saves a visit on a wrong day with an edit of case {case[-6:]}" if there else None


def mend_refused(fleet: Fleet, dice: Random) -> str | None:
    """Somebody corrects the day for which the centre refused something."""
    busy = [(phone, rows) for phone in fleet.alive if (rows := phone.rows(_REFUSED))]
    if not busy:
        return None
    phone, rows = dice.choice(busy)
    record, kind = dice.choice(rows)
    if not saved(fleet, phone, lambda: phone.kit.update(record, {DAYS[kind]: GOOD})):
        return f"{phone.name} cannot mend {kind} {record[-6:]}"
    return f"{phone.name} mends the day of {kind} {record[-6:]}"


_REFUSED = """SELECT DISTINCT record, type FROM mutation WHERE outcome = 'rejected' AND code = 'validation_failed'
    AND op = 'create' AND type IN ('case', 'visit', 'assistance') ORDER BY record"""


def _new_case(fleet: Fleet, dice: Random, phone: Phone) -> str | None:
    made: list[str] = []
    area = dice.choice(AREAS)

    def record() -> None:
        with phone.kit.save() as save:
            person = save.create("person", first_name=dice.choice(REGISTERS["person"]["first_name"]))
            made.append(
                save.create(
                    "case", reference_number=mint(dice.getrandbits(60)), received_on=TOO_LATE, affected_person=person,
                    intake_channel="walk_in", intake_district=area[:4], area=area,
                )
            )  # fmt: skip

    return made[0] if saved(fleet, phone, record) else None


def _new_visit(fleet: Fleet, phone: Phone, case: str, day: str) -> bool:
    narrative = f"พบ {mark(fleet, phone)}"
    return saved(fleet, phone, lambda: phone.kit.create("visit", case=case, visited_on=day, narrative=narrative))


REFUSING: Mapping[str, tuple[Act, int]] = {
    "refused-case": (refused_case, 5),
    "refused-group": (refused_group, 3),
    "mend-refused": (mend_refused, 4),
}
