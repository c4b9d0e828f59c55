"""Witnesses: staff bring back what a restored centre had lost and devices still had."""

from collections.abc import Mapping
from random import Random
from typing import Any

from server.jobs import close_witnesses
from tests.simulation.acts import Act
from tests.simulation.faults import restore_centre
from tests.simulation.fleet import Fleet
from tests.simulation.network import sync_whole
from tests.simulation.office import central_edit, new_at_centre, take_backup


def bring_back(fleet: Fleet, dice: Random) -> str | None:
    """Staff bring back what a device had kept, or some fields of it, on a page that may be old by now."""
    chosen = _open_one(fleet, dice)
    if chosen is None:
        return _lose_something(fleet, dice)
    who = dice.choice(("nation", "head"))
    answer = fleet.desk.ask(who, "GET", f"/witnesses/{chosen['id']}")
    if answer is None or answer.status != 200:
        return f"{who} cannot look at a witness: {answer.status if answer else 'died'}"
    tag = next((value for name, value in answer.headers if name.lower() == "etag"), "")
    body: dict[str, Any] = {"reason": "นำกลับมา"}
    differing = answer.json["differing"]
    if answer.json["central"] is not None or dice.random() < 0.2:
        body["fields"] = dice.sample(differing, dice.randint(1, len(differing))) if differing else []
    said = fleet.desk.ask(who, "POST", f"/witnesses/{chosen['id']}/apply", body, If_Match=tag)
    there = "a change" if answer.json["central"] is not None else "all"
    code = said.json.get("code") if said and said.status != 200 else ""
    return f"{who} brings back {there} of {answer.json['type']} -> {said.status if said else 'died'} {code}"


def dismiss_witness(fleet: Fleet, dice: Random) -> str | None:
    """Staff dismiss what a device had kept; or the job does that with what the centre has again."""
    if dice.random() < 0.4:
        centre = fleet.headquarters.centre
        said = close_witnesses.run(centre, centre.now())
        return None if said.startswith("0 ") else said
    chosen = _open_one(fleet, dice)
    if chosen is None:
        return None
    said = fleet.desk.ask("nation", "POST", f"/deliveries/{chosen['id']}/dismiss", {"reason": "ไม่ต้อง"})
    return f"staff dismiss a witness of {chosen['detail']['type']} -> {said.status if said else 'died'}"


def _lose_something(fleet: Fleet, dice: Random) -> str | None:
    """Let the centre go back now and then, and some device tell it what it has lost."""
    if dice.random() < 0.5:
        return None
    if not fleet.backups:
        return take_backup(fleet, dice)
    edited = [central_edit(fleet, dice), new_at_centre(fleet, dice)]
    seen = [sync_whole(fleet, dice) for _ in range(3)]
    fleet.tell("check")
    said = [*edited, *seen, restore_centre(fleet, dice), *(sync_whole(fleet, dice) for _ in range(2))]
    return "; ".join(each for each in said if each)


def _open_one(fleet: Fleet, dice: Random) -> Any:
    if not fleet.headquarters.rows("SELECT 1 FROM delivery WHERE kind = 'witness' AND state = 'open' LIMIT 1"):
        return None
    found = fleet.desk.get("nation", "/deliveries?limit=100")
    items = [each for each in found["items"] if each["kind"] == "witness"] if found else []
    return dice.choice(items) if items else None


WITNESSING: Mapping[str, tuple[Act, int]] = {
    "bring-back": (bring_back, 4),
    "dismiss-witness": (dismiss_witness, 1),
}
