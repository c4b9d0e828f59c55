"""What becomes of a push: small worlds, decided by the product, and doubted by what must never happen."""

import json
from collections.abc import Iterator
from typing import Any

from schemas.records import RECORD_TYPES
from tests.vectors import twin
from tests.vectors.families.overlay import overlaid
from tests.vectors.families.pushes import KEY, draw_odd, draw_plain
from tests.vectors.family import Family, Json, agree
from tests.vectors.worlds import HEAD, run

# --- what must be true of every answer


def check(given: Json, expect: Json) -> None:
    before = {each["id"]: each for each in given["records"]}
    after = {**before, **expect["changed"]}
    for group, outcomes in zip(given["groups"], expect["outcomes"], strict=True):
        whole_or_not_at_all(outcomes)
        for made, outcome in zip(group, outcomes, strict=True):
            if outcome["outcome"] in ("applied", "merged", "unchanged", "conflicted"):
                nothing_typed_is_lost(made, outcome, after)
    for key, state in expect["changed"].items():
        keeps_what_it_was(before.get(key), state)
    if not any(
        outcome["outcome"] in ("applied", "merged", "conflicted") for group in expect["outcomes"] for outcome in group
    ):
        agree(expect["changed"], {})


def whole_or_not_at_all(outcomes: list[Json]) -> None:
    names = {each["outcome"] for each in outcomes}
    if "rejected" in names:
        assert names == {"rejected"}
        assert any(each["code"] != "group_rejected" for each in outcomes)
    elif "held" in names:
        assert names == {"held"}


def nothing_typed_is_lost(made: Json, outcome: Json, after: Json) -> None:
    """Find every value of an accepted edit: in its record, or beside it in a conflict that the outcome names."""
    state = after.get(outcome.get("redirected_to") or made.get("record"))
    claims = [after[each["record"]]["data"]["contenders"] for each in outcome.get("conflicts", [])]
    beside = json.dumps(claims, sort_keys=True)
    data = state["data"] if state else {}
    for name, (_, to) in made.get("set", {}).items():
        kept = data.get(name) == to or contains(data.get(name), to)
        assert kept or spelled(to) in beside or to is None, f"{name} is lost"
    for name, value in made.get("data", {}).items():
        kept = data.get(name) == value or contains(data.get(name), value) or name in made.get("assumed", [])
        assert kept or spelled(value) in beside, f"{name} is lost"
    for name, elements in made.get("add", {}).items():
        for element in elements:
            there = data.get(name) or []
            known = isinstance(element, dict) and element["id"] in [each["id"] for each in there]
            assert known or element in there or spelled(element) in beside, f"{element} is lost"
    if made["op"] == "delete":
        assert state is None or state.get("deleted") or spelled({"deleted": True}) in beside


def spelled(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def contains(whole: Any, part: Any) -> bool:
    """Tell whether every line or element of one value is in another: texts are joined, sets grow."""
    if isinstance(whole, str) and isinstance(part, str):
        return True  # joined texts: their lines are looked at in merge_rules
    return isinstance(whole, list) and isinstance(part, list) and all(each in whole for each in part)


def keeps_what_it_was(before: Json | None, after: Json) -> None:
    """A changed record has the new version; a field that nobody touched has its value and its version."""
    assert after["version"] == 1000
    if before is None:
        assert (after["created"], after.get("field_versions", {})) == (1000, {})
        return
    agree(
        [before[name] for name in ("type", "created", "owner")], [after[name] for name in ("type", "created", "owner")]
    )
    touched = {name for name, version in after.get("field_versions", {}).items() if version == 1000}
    for name in {*before["data"], *after["data"]} - touched:
        agree(after["data"].get(name), before["data"].get(name))
    old = {name: version for name, version in before.get("field_versions", {}).items() if name not in touched}
    agree({name: version for name, version in after.get("field_versions", {}).items() if name not in touched}, old)


# --- plain updates, decided a second time


def check_plain(given: Json, expect: Json) -> None:
    check(given, expect)
    [[made]], [[outcome]] = given["groups"], expect["outcomes"]
    state = next(each for each in given["records"] if each["id"] == made["record"])
    kind = RECORD_TYPES[made["type"]]
    if outcome["outcome"] == "rejected" or "status" in made.get("set", {}) or "urgency" in made.get("set", {}):
        return
    if made["type"] == "assessment":
        assert state["owner"] == given["writer"]["user"], "somebody else changed an assessment"
    known = {each["id"] for each in given["records"]}
    parents = [to for name, (_, to) in made.get("set", {}).items() if kind.fields[name].carry in ("by", "with") and to]
    if unknown := [parent for parent in parents if parent not in known]:
        agree(outcome, {"outcome": "held", "code": "held", "waits_for": unknown[0]})
        return
    met = {}
    for name in [*made.get("set", {}), *made.get("add", {}), *made.get("remove", {})]:
        spec = kind.fields[name]
        unit = kind.groups.get(spec.group or "", (name,))
        met[unit[0]] = verdict(state, spec.merge, unit, made)
    if "text?" in met.values():
        return
    unseen = state["version"] > made["base"] and given["changed_by_others"].get(KEY, 0) > made["base"]
    if makes_an_error(state, made, met):  # docs/adr/015: not refused, when anybody changed the record meanwhile
        assert unseen, "an error of the author's own is refused"
        met = dict.fromkeys(met, "contested")
    if "contested" in met.values():
        wanted = "conflicted"
    elif "applied" in met.values():
        wanted = "merged" if unseen else "applied"
    else:
        wanted = "unchanged"
    agree(outcome["outcome"], wanted)
    contested = sorted(kind.fields[name].group or name for name, each in met.items() if each == "contested")
    agree(sorted(each["field"] for each in outcome.get("conflicts", [])), contested)


def makes_an_error(state: Json, made: Json, met: dict[str, str]) -> bool:
    """Tell whether what would be applied breaks a rule that the record does not break now."""
    kind = made["type"]
    taken = {
        name: pair for name, pair in made.get("set", {}).items()
        if met.get(name, met.get(next(iter(unit_of(kind, name))))) == "applied"
    }  # fmt: skip
    after = overlaid(kind, state["data"], [{**made, "set": taken}]) or {}
    now, then = twin.record(kind, state["data"])[1], twin.record(kind, after)[1]
    return any(problems != now.get(name) for name, problems in then.items())


def unit_of(kind: str, name: str) -> tuple[str, ...]:
    declared = RECORD_TYPES[kind]
    return declared.groups.get(declared.fields[name].group or "", (name,))


def verdict(state: Json, merge: str, names: tuple[str, ...], made: Json) -> str:
    """Decide one field or group by section 4 of the protocol."""
    now = [state["data"].get(name) for name in names]
    if names[0] in made.get("set", {}):
        seen, wanted = ([made["set"][name][side] for name in names] for side in (0, 1))
        version = max(state.get("field_versions", {}).get(name, state["created"]) for name in names)
        if now == wanted:
            return "unchanged"
        if version <= made["base"] or now == seen:
            return "applied"
        return "text?" if merge == "text" else "contested"
    before = now[0] or []
    came = [each for each in made.get("add", {}).get(names[0], []) if each not in before]
    if merge == "append":
        came = [each for each in came if each["id"] not in [old["id"] for old in before]]
    added = made.get("add", {}).get(names[0], [])
    went = [each for each in made.get("remove", {}).get(names[0], []) if each in before and each not in added]
    return "applied" if came or went else "unchanged"


def sorts(given: Json, expect: Json) -> Iterator[str]:
    for group, outcomes in zip(given["groups"], expect["outcomes"], strict=True):
        for made, outcome in zip(group, outcomes, strict=True):
            yield f"{made.get('op', 'unreadable')}: {outcome['outcome']}"
            if "code" in outcome:
                yield f"{outcome['outcome']} {outcome['code']}"
            yield from (f"error {each['code']}" for found in outcome.get("errors", {}).values() for each in found)
            yield from (
                "a conflict of a group"
                for each in outcome.get("conflicts", [])
                if each["field"] in ("position", "birth")
            )
            yield from ("a conflict of a whole record" for each in outcome.get("conflicts", []) if each["field"] == "*")
    for state in expect["changed"].values():
        if state["type"] == "conflict":
            yield f"conflict {state['data']['status']}"
            many = state["data"]["contenders"]
            yield "several contenders" if len(many) > 1 else "one contender"
            yield from ("an earlier value of one contender" for each in many if each["earlier"])


PLAIN = Family(
    name="decide_updates",
    side="server",
    function="sync.apply.decide",
    about="One update of one record that the author holds, against what others have written since. `world` and "
    "`answer` at the head "
    "of the file say how to read it.",
    draw=draw_plain,
    run=run,
    sorts=sorts,
    check=check_plain,
    classes=frozenset({
        "update: applied", "update: merged", "update: unchanged", "update: conflicted", "conflicted conflicted",
        "conflict open",
        "update: rejected", "a conflict of a group",
    }),
    more=HEAD,
)  # fmt: skip

DECIDE = Family(
    name="decide_groups",
    side="server",
    function="sync.apply.decide",
    about="Pushes of every other sort: creates, deletes, groups, refusals, waiting work, records in other hands, "
    "decisions of "
    "conflicts. `world` and `answer` at the head of the file say how to read it.",
    draw=draw_odd,
    run=run,
    sorts=sorts,
    check=check,
    classes=frozenset({
        "create: applied", "create: rejected", "create: held", "create: conflicted", "create: unchanged",
        "update: applied",
        "update: merged", "update: conflicted", "update: rejected", "update: held", "delete: applied",
        "delete: conflicted", "delete: unchanged", "delete: rejected", "unreadable: rejected",
        "rejected validation_failed", "rejected not_permitted", "rejected unknown_record_type",
        "rejected group_rejected",
        "rejected stale_resolution", "rejected conflict_resolved_already", "rejected erased", "held held",
        "conflicted out_of_scope",
        "conflicted conflicted", "error unknown_field", "error not_a_set", "error incomplete_group", "error fixed",
        "error after_receipt",
        "error malformed", "error wrong_record_type", "error not_permitted", "error unknown_code", "error too_long",
        "conflict open", "conflict resolved", "several contenders", "one contender", "an earlier value of one "
        "contender",
        "a conflict of a whole record",
    }),
    more=HEAD,
)  # fmt: skip
