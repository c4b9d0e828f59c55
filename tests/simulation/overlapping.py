"""What overlaps: typing under a page that is on its way, and edits of a record that was merged meanwhile.

Both need several things in a row that would hardly ever come together by chance.
"""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import REGISTERS, Act
from tests.simulation.fleet import Fleet
from tests.simulation.moves import asked, something, two_of, write
from tests.simulation.office import set_at_centre
from tests.simulation.phone import Phone

EXCHANGES_MAX = 12


def type_under_pull(fleet: Fleet, dice: Random) -> str | None:
    """While a page is asked for, the centre changes a field and the device's holder types the same; then it comes."""
    phone = fleet.phone(dice)
    if phone is None or phone.syncs or (chosen := _some(fleet, phone, dice)) is None:
        return None
    kind, record = chosen
    if not _stands_before_a_page(fleet, phone):
        return None
    name = dice.choice(sorted(REGISTERS[kind]))
    said = _changed_at_centre(fleet, dice, record, name)
    times = dice.choice((1, 1, 2, 3))
    for place in range(times):
        write(fleet, phone, record, {name: dice.choice(REGISTERS[kind][name])})
        if place == 0:
            _deliver_one(fleet, phone)
    if dice.random() < 0.5:
        _finish(fleet, phone)
    return f"{phone.name} types {name} of {kind} {record[-6:]} {times} times under a page; {said}"


def part_late(fleet: Fleet, dice: Random) -> str | None:
    """Staff merge two records, a device that has not heard of it writes on one, and they are two after all."""
    phone = fleet.phone(dice)
    kind = dice.choice(("person", "person", "household"))
    if phone is None or phone.syncs:
        return None
    pair = two_of(fleet, dice, phone, kind)
    if pair is None:
        return None
    one, other = pair
    joined = asked(fleet, "merge", one, {"into": other, "reason": "คนเดียวกัน"})
    for _ in range(dice.choice((1, 2, 3))):
        write(fleet, phone, dice.choice((one, one, other)), something(fleet, dice, phone, kind))
    if dice.random() < 0.9:
        fleet.sync(phone)
    _changed_at_centre(fleet, dice, other, _where_they_differ(fleet, dice, kind, pair))
    moves = _moves(fleet, dice, one)
    apart = asked(fleet, "unmerge", one, {"reason": "คนละคน", "moves": moves})
    return f"{kind} {one[-6:]} is merged late -> {joined}, and apart again with {len(moves)} edits -> {apart}"


def _moves(fleet: Fleet, dice: Random, record: str) -> list[str]:
    """Return some of the edits made since, as staff would choose them."""
    shown = fleet.desk.get("nation", f"/records/{record}/merge")
    since = [each["mutation"] for each in shown["since"]] if shown else []
    return sorted(dice.sample(since, dice.choice((len(since), dice.randint(0, len(since))))))


def _where_they_differ(fleet: Fleet, dice: Random, kind: str, pair: tuple[str, str]) -> str:
    """Pick a field in which two records differ, mostly: what is moved from one to the other does not fit there."""
    names = sorted(REGISTERS[kind])
    one, other = (fleet.sight.records[each].data for each in pair)
    apart = [name for name in names if one.get(name) != other.get(name)]
    return dice.choice(apart if apart and dice.random() < 0.7 else names)


# --- single moves


def _some(fleet: Fleet, phone: Phone, dice: Random) -> tuple[str, str] | None:
    kind = dice.choice(("case", "person", "visit", "household"))
    found = sorted(each.id for each in phone.kit.list(kind))
    return (kind, fleet.choose(dice, found, 0.8)) if found else None


def _changed_at_centre(fleet: Fleet, dice: Random, record: str, name: str) -> str:
    state = fleet.sight.records.get(record)
    if state is None or state.deleted or name not in REGISTERS[state.type]:
        return "the centre does not have it"
    return set_at_centre(fleet, state, name, dice.choice(REGISTERS[state.type][name]))


def _stands_before_a_page(fleet: Fleet, phone: Phone) -> bool:
    """Let a device sync until it waits for a page."""
    sync = phone.begin_sync()
    fleet.notice_wiped(phone)
    fleet.tell("went_on", sync, None, None)
    for _ in range(EXCHANGES_MAX):
        if sync.exchange is None or sync.exchange.request.path.endswith("/sync/pull"):
            break
        fleet.deliver(sync.exchange)
    return sync.exchange is not None


def _deliver_one(fleet: Fleet, phone: Phone) -> None:
    if phone.syncs and phone.syncs[0].exchange:
        fleet.deliver(phone.syncs[0].exchange)


def _finish(fleet: Fleet, phone: Phone) -> None:
    for _ in range(EXCHANGES_MAX):
        _deliver_one(fleet, phone)


OVERLAPPING: Mapping[str, tuple[Act, int]] = {
    "type-under-pull": (type_under_pull, 10),
    "part-late": (part_late, 2),
}
