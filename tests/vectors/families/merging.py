"""How two edits of one field meet: each rule by itself, decided a second time by the words of the protocol."""

from collections.abc import Iterator
from typing import Any

from schemas.base import Merge
from sync.merge import DELTAS, RULES, Meeting
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree

VALUES: tuple[Any, ...] = (None, "normal", "urgent", "most_urgent", "ก", 0, 150000, 18.5)
GROUPS: tuple[Any, ...] = tuple({"latitude": a, "longitude": b} for a in (18, 19, None) for b in (100, 101))
ENTRIES = tuple(
    {"id": f"0192f0c4-0000-7000-8000-{number:012d}", "status": status} for number in range(4) for status in ("ก", "ข")
)


def draw(dice: Dice) -> Iterator[Drawn]:
    for rule in ("register", "latest"):
        for number in range(70):
            pool = GROUPS if number % 7 == 0 else VALUES
            current, seen, wanted = dice.pick(pool), dice.pick(pool), dice.pick(pool)
            if dice.chance(30):
                current = seen
            if dice.chance(20):
                current = wanted
            yield rule, {"rule": rule, **edit(dice, current, seen, wanted)}
    for number in range(170):
        seen = [f"บรรทัด {place}" for place in range(dice.between(0, 6))]
        current, wanted = changed(dice, seen, "ศูนย์"), changed(dice, seen, "เครื่อง")
        if number % 9 == 0:
            wanted = list(current)
        texts = ["\n".join(lines) or None for lines in (current, seen, wanted)]
        yield "text", {"rule": "text", **edit(dice, *texts, new=80)}
    for _ in range(90):
        pool = ("a", "b", "c", "ก", "ข", "😀", "\ufb01")
        current = sorted(dice.some(pool, 0, 4)) or None
        yield "set", {"rule": "set", "current": current, "add": dice.some(pool, 0, 3), "remove": dice.some(pool, 0, 3)}
    for _ in range(70):
        current = one_of_each(dice.some(ENTRIES, 0, 3)) or None
        yield (
            "append",
            {"rule": "append", "current": current, "add": one_of_each(dice.some(ENTRIES, 0, 3)), "remove": []},
        )


def edit(dice: Dice, current: Any, seen: Any, wanted: Any, new: int = 50) -> Json:
    base = dice.between(1, 20)
    version = base + dice.between(1, 9) if dice.chance(new) else dice.between(0, base)
    return {"current": current, "version": version, "from": seen, "to": wanted, "base": base}


def one_of_each(entries: list[Json]) -> list[Json]:
    return list({entry["id"]: entry for entry in entries}.values())


def changed(dice: Dice, lines: list[str], by: str) -> list[str]:
    """Return lines after somebody inserted, took out and replaced some; every line that comes is new."""
    made, count = list(lines), 0
    for _ in range(dice.below(3)):
        at, count = dice.below(len(made) + 1), count + 1
        match dice.below(3):
            case 0:
                made.insert(at, f"{by} {count}")
            case 1 if at < len(made):
                made[at] = f"{by} {count}"
            case 2 if at < len(made):
                del made[at]
    return made


def run(given: Json) -> Json:
    rule = Merge(given["rule"])
    if rule in DELTAS:
        met = DELTAS[rule](given["current"], given["add"], given["remove"])
    else:
        met = RULES[rule](Meeting(given["current"], given["version"], given["from"], given["to"], given["base"]))
    return {"verdict": met.verdict.value, "value": met.value}


def check(given: Json, expect: Json) -> None:
    if given["rule"] in ("set", "append"):
        after = by_elements(given)
        before = given["current"] or []
        agree(expect, {"verdict": "unchanged" if after == before else "applied", "value": after or None})
        return
    agree_with_protocol(given, expect)


def by_elements(given: Json) -> list[Any]:
    before = given["current"] or []
    if given["rule"] == "append":
        return before + [each for each in given["add"] if all(each["id"] != old["id"] for old in before)]
    gone = [each for each in given["remove"] if each not in given["add"]]
    return sorted(
        {each for each in [*before, *given["add"]] if each not in gone}, key=lambda each: [ord(part) for part in each]
    )


def agree_with_protocol(given: Json, expect: Json) -> None:
    """Decide by the order of section 4: equal to `to`; not newer, or equal to `from`; text by line; else contested."""
    current, seen, wanted = given["current"], given["from"], given["to"]
    if current == wanted:
        wants = ("unchanged", current)
    elif given["rule"] == "latest" or given["version"] <= given["base"] or current == seen:
        wants = ("applied", wanted)
    elif given["rule"] == "register":
        wants = ("contested", current)
    else:
        text_is_right(given, expect)
        return
    agree([expect["verdict"], expect["value"]], list(wants))


def text_is_right(given: Json, expect: Json) -> None:
    """Every line in these texts is there once, so where each came from can be told without merging anything."""
    seen, ours, theirs = (set(lines(given[part])) for part in ("from", "current", "to"))
    if expect["verdict"] == "contested":
        agree(expect["value"], given["current"])
        assert not apart(given), "changes that do not touch each other were contested"
        return
    made = lines(expect["value"])
    wants = ((ours | theirs) - seen) | (seen & ours & theirs)
    assert set(made) - {""} == wants - {""}, "a line is lost, or one came back"
    for side in (given["current"], given["to"]):
        kept = [line for line in lines(side) if line in made]
        assert [line for line in made if line in kept] == kept, "lines changed places"
    agree(expect["verdict"], "unchanged" if expect["value"] == given["current"] else "joined")


def lines(text: str | None) -> list[str]:
    return (text or "").split("\n")


def apart(given: Json) -> bool:
    """Tell whether at least one untouched line lies between any change of one side and any of the other."""
    seen = lines(given["from"])
    touched = [touches(seen, lines(given[part])) for part in ("current", "to")]
    return not any(abs(one - other) <= 2 for one in touched[0] for other in touched[1])


def touches(seen: list[str], made: list[str]) -> set[int]:
    """Return the places of a text (gaps are even, lines odd) that somebody changed."""
    places = {2 * at + 1 for at, line in enumerate(seen) if line not in made}
    gap = 0
    for line in made:
        if line in seen:
            gap = 2 * seen.index(line) + 2
        else:
            places.add(gap)
    return places


def sorts(given: Json, expect: Json) -> Iterator[str]:
    yield f"{given['rule']}: {expect['verdict']}"
    if given["rule"] in ("register", "text") and expect["verdict"] == "applied" and given["version"] > given["base"]:
        yield "newer, and what the author saw"
    if given["rule"] == "set" and set(given["add"]) & set(given["remove"]):
        yield "an element in both"
    if isinstance(given["current"], dict):
        yield "a group"
    if expect["value"] is None:
        yield "empty"


MERGE_RULES = Family(
    name="merge_rules",
    side="server",
    function="sync.merge: RULES, DELTAS",
    about="One field at the moment an edit arrives. register, text, latest: `current` value and the `version` that "
    "wrote it, the "
    "edit's `from` and `to` and its `base`. set, append: the `current` elements, and what the edit adds and removes. "
    "`verdict`: unchanged, applied, joined (texts merged by line) or contested; `value`: what the field has from "
    "then on, the "
    "central one when contested. docs/protocol.md section 4.",
    draw=draw,
    run=run,
    sorts=sorts,
    check=check,
    classes=frozenset({
        *(f"register: {verdict}" for verdict in ("unchanged", "applied", "contested")),
        *(f"text: {verdict}" for verdict in ("unchanged", "applied", "joined", "contested")),
        *(f"{rule}: {verdict}" for rule in ("latest", "set", "append") for verdict in ("unchanged", "applied")),
        "newer, and what the author saw", "an element in both", "a group", "empty",
    }),
)  # fmt: skip
