"""What a device shows, and what a Save sends. A second overlay and a second difference are written here by hand."""

from collections.abc import Iterator
from typing import Any

import msgspec

from field_kit import log, store
from schemas.base import Merge
from schemas.records import RECORD_TYPES
from sync.messages import MutationOutcome
from sync.mutation import Mutation
from sync.outgoing import base_of, deltas
from sync.overlay import overlay
from tests.vectors.device import device, put_edit, put_row
from tests.vectors.dice import Dice
from tests.vectors.edits import OTHER, RECORD, kinds, record, wanted_of
from tests.vectors.family import Drawn, Family, Json, agree

WHEN = "2026-11-22T03:00:00.000Z"


def mutation(edit: Json) -> Mutation:
    return msgspec.convert({"seq": 0, "recorded_at": WHEN, **edit}, Mutation)


def edit_of(dice: Dice, kind: Any, shown: Json | None, op: str) -> Json:
    """Return one edit of a record as a device logs it."""
    edit: Json = {"id": dice.uuid(), "op": op, "type": kind.name, "record": RECORD}
    if op == "create":
        return {**edit, "data": record(dice, kind)}
    if op == "merge":
        return {**edit, "into": OTHER}
    if op == "update":
        made = deltas(kind, shown or {}, wanted_of(dice, kind, shown or {}))
        parts = {name: value for name, value in made._asdict().items() if value}
        if dice.chance(15) and parts.get("add"):  # somebody takes out what they put in, both at once
            parts["remove"] = {**parts.get("remove", {}), **{
                name: values for name, values in parts["add"].items() if kind.fields[name].merge is Merge.SET
            }}  # fmt: skip
        return {**edit, **parts}
    return edit


def draw_logs(dice: Dice) -> Iterator[Drawn]:
    for kind in kinds():
        for at in range(36):
            stored = record(dice, kind) if at % 4 else None
            if stored is not None and dice.chance(10):
                stored |= {"merged_into": OTHER} if dice.chance(50) else {"a_newer_field": [1, 2]}
            edits, shown = [], stored
            for _ in range(dice.between(0 if stored else 1, 4)):
                ops = ["update"] * 6 + ["delete", "create", "merge", "unmerge"]
                op = "create" if shown is None and dice.chance(85) else dice.pick(ops)
                edits.append(edit_of(dice, kind, shown, op))
                shown = overlay(kind, stored, [mutation(edit) for edit in edits])
            yield kind.name, {"type": kind.name, "stored": stored, "log": edits}


def run_log(given: Json) -> Json:
    return {"shown": overlay(RECORD_TYPES[given["type"]], given["stored"], [mutation(edit) for edit in given["log"]])}


def overlaid(kind: str, stored: Json | None, edits: list[Json]) -> Json | None:  # noqa: C901  # the words of the protocol
    """Lay edits over a row, naively: the words of docs/protocol.md section 10, one after the other."""
    fields = RECORD_TYPES[kind].fields
    shown = None if stored is None else {name: stored[name] for name in stored}
    for edit in edits:
        op = edit["op"]
        if op == "create":
            shown = shown or {}
            for name in edit.get("data", {}):
                shown[name] = edit["data"][name]
        if shown is None or op == "delete":
            shown = None
            continue
        if op == "merge":
            shown["merged_into"] = edit["into"]
        if op == "unmerge" and "merged_into" in shown:
            shown.pop("merged_into")
        for name, (_, to) in edit.get("set", {}).items():
            shown[name] = to
        for name, elements in edit.get("add", {}).items():
            was = shown.get(name) or []
            if fields[name].merge == "append":
                shown[name] = was + [each for each in elements if each["id"] not in [old["id"] for old in was]]
            else:
                shown[name] = sorted([*was, *(each for each in elements if each not in was)])
        for name, elements in edit.get("remove", {}).items():
            shown[name] = [each for each in shown.get(name) or [] if each not in elements] or None
        if op == "update":
            shown = {name: value for name, value in shown.items() if value is not None}
    return shown


def sorts_log(given: Json, expect: Json) -> Iterator[str]:
    yield "nothing to see" if expect["shown"] is None else "shown"
    yield "without a row" if given["stored"] is None else "over a row"
    yield {0: "no edit", 1: "one edit"}.get(len(given["log"]), "several edits")
    for edit in given["log"]:
        yield edit["op"]
        for part in ("set", "add", "remove"):
            for name in edit.get(part, {}):
                yield f"{part} {RECORD_TYPES[given['type']].fields[name].merge}"
        if any(to is None for _, to in edit.get("set", {}).values()):
            yield "a field is emptied"
        if any(name in edit.get("remove", {}) for name in edit.get("add", {})):
            yield "added and removed at once"
    if given["log"] and given["log"][-1]["op"] == "update" and expect["shown"] is None:
        yield "an update of what is not there"
    if "merged_into" in (expect["shown"] or {}):
        yield "it goes on in another"


OVERLAY = Family(
    name="overlay",
    side="client",
    function="sync.overlay.overlay",
    about="`stored`: the row as it came from the centre, null when there is none. `log`: this device's edits of the "
    "record that "
    "still lie over it, oldest first. `shown`: the record as its holder sees it, null when there is nothing to see. "
    "Put to, "
    "add, then remove; sets stay sorted by code point, logs keep their order and take each id once; no field is null.",
    draw=draw_logs,
    run=run_log,
    sorts=sorts_log,
    check=lambda given, expect: agree(expect["shown"], overlaid(given["type"], given["stored"], given["log"])),
    classes=frozenset(
        {
            "nothing to see", "shown", "without a row", "over a row", "no edit", "one edit", "several edits", "create",
            "update", "delete", "merge", "unmerge", "set register", "set text", "add set", "add append", "remove set",
            "a field is emptied", "added and removed at once", "an update of what is not there",
            "it goes on in another",
        }
    ),
)  # fmt: skip

# --- which edits lie over a row

OUTCOMES = ("applied", "merged", "unchanged", "conflicted", "rejected", "held")


def draw_states(dice: Dice) -> Iterator[Drawn]:
    kind = RECORD_TYPES["case"]
    for number in range(150):
        stored = record(dice, kind, 15) if dice.chance(75) else None
        row = {"id": RECORD, "type": "case", "version": dice.between(1, 30), "data": stored} if stored else None
        edits: list[Json] = []
        shown = stored
        for _ in range(dice.between(1, 4)):
            op = "create" if shown is None else dice.pick(("update", "update", "update", "delete"))
            edit = edit_of(dice, kind, shown, op)
            shown = overlaid("case", stored, [*edits, edit])
            if dice.chance(75):
                outcome = OUTCOMES[number % 6] if dice.chance(40) else dice.pick(OUTCOMES)
                code = {"rejected": dice.pick(("validation_failed", "erased")), "held": "held"}.get(outcome)
                edit["answer"] = {"outcome": outcome, "commit": dice.between(20, 40), "code": code}
            if dice.chance(12):
                edit["sealed"] = True
            edits.append(edit)
        yield "drawn", {"row": row, "log": edits, "complete_at": dice.between(15, 45)}


def run_states(given: Json) -> Json:
    with device() as database, database.transaction():
        if given["row"]:
            put_row(database, given["row"])
        for seq, edit in enumerate(given["log"], start=1):
            put_edit(database, seq, {name: value for name, value in edit.items() if name not in ("answer", "sealed")})
        answers = [(edit["id"], edit["answer"]) for edit in given["log"] if "answer" in edit]
        outcomes = [MutationOutcome(key, each["outcome"], each["commit"], each["code"]) for key, each in answers]
        log.settle(database, outcomes, shown_through=0)
        log.leave_overlay(database, given["complete_at"])
        sealed = [(edit["id"],) for edit in given["log"] if edit.get("sealed")]
        database.executemany("UPDATE mutation SET sealed = 'AAAA', payload = '{}' WHERE id = ?", sealed)
        found = store.shown(database, RECORD)
        waiting = sum(log.counts(database).values())
    marks = {"unsent": found.unsent, "awaiting": found.awaiting} if found else {}
    return {"shown": found.data if found else None, "marks": marks, "unanswered": waiting}


def check_states(given: Json, expect: Json) -> None:
    over = []
    for edit in given["log"]:
        answer = edit.get("answer")
        left = answer and answer["commit"] <= given["complete_at"] and answer["outcome"] != "held"
        if not left and not edit.get("sealed") and (answer or {}).get("code") != "erased":
            over.append(edit)
    agree(expect["shown"], overlaid("case", given["row"] and given["row"]["data"], over))
    agree(expect["unanswered"], sum("answer" not in edit for edit in given["log"]))
    if expect["shown"] is not None:
        unsent = any("answer" not in edit for edit in over)
        held = all((edit.get("answer") or {}).get("outcome") == "held" for edit in over)
        agree(expect["marks"], {"unsent": unsent, "awaiting": bool(over) and not unsent and not held})


def sorts_states(given: Json, expect: Json) -> Iterator[str]:
    for edit in given["log"]:
        answer = edit.get("answer")
        if not answer:
            yield "no answer: stays"
        elif edit.get("sealed"):
            yield "sealed: out"
        elif answer["code"] == "erased":
            yield "erased: out"
        else:
            seen = answer["commit"] <= given["complete_at"]
            yield f"{answer['outcome']}, {'shown by a pull' if seen else 'no pull yet'}"
    yield "nothing to see" if expect["shown"] is None else "shown"
    yield from (name for name, is_so in expect["marks"].items() if is_so)


OVERLAY_STATES = Family(
    name="overlay_states",
    side="client",
    function="field_kit.log: settle, leave_overlay; field_kit.store.shown",
    about="Which edits still lie over a row. `row`: as stored, or null. `log`: this device's edits, with the "
    "`answer` of the centre "
    "where there is one (outcome, code, commit); `sealed`: its content was sealed away. `complete_at`: the commit of "
    "the last "
    "complete pull. `shown`: what is seen; `marks`: `unsent` (an edit over the row has no answer) and `awaiting` "
    "(all have one, "
    "not all are held, and a pull has yet to show them); `unanswered`: how many edits of the log have no answer.",
    draw=draw_states,
    run=run_states,
    sorts=sorts_states,
    check=check_states,
    classes=frozenset(
        {
            "no answer: stays", "sealed: out", "erased: out", "nothing to see", "shown", "unsent", "awaiting",
            *(f"{outcome}, {when}" for outcome in OUTCOMES for when in ("shown by a pull", "no pull yet")),
        }
    ),
)  # fmt: skip

# --- what a Save sends


def draw_saves(dice: Dice) -> Iterator[Drawn]:
    for kind in kinds():
        for _ in range(44):
            shown = record(dice, kind)
            wanted = (
                wanted_of(dice, kind, shown)
                if dice.chance(90)
                else {name: shown[name] for name in dice.some(sorted(shown), 1, 3)}
            )
            bases = sorted(dice.many(range(1, 40), 0, 3))
            yield kind.name, {
                "type": kind.name, "shown": shown, "wanted": wanted, "pending_bases": bases,
                "version_shown": dice.between(1, 60)
            }  # fmt: skip


def run_save(given: Json) -> Json:
    made = deltas(RECORD_TYPES[given["type"]], given["shown"], given["wanted"])
    if not made:
        return {"sends": None}
    base = base_of(given["pending_bases"], given["version_shown"])
    return {"sends": {"op": "update", "base": base, **{name: part for name, part in made._asdict().items() if part}}}


def filled(value: Any) -> Any:
    """Return a value, of an empty list that there is none."""
    return None if value == [] else value


def check_save(given: Json, expect: Json) -> None:
    kind, shown, wanted = RECORD_TYPES[given["type"]], given["shown"], given["wanted"]
    sends = expect["sends"]
    after = {**shown, **wanted}
    differ = [name for name in wanted if filled(shown.get(name)) != filled(wanted[name])]
    parts: dict[str, Json] = {"set": {}, "add": {}, "remove": {}}
    for name in differ:
        spec, old, new = kind.fields[name], shown.get(name), wanted[name]
        if spec.merge in ("set", "append"):
            came = [each for each in new or [] if each not in (old or [])]
            went = [each for each in old or [] if each not in (new or [])] if spec.merge == "set" else []
            parts["add"] |= {name: came} if came else {}
            parts["remove"] |= {name: went} if went else {}
        else:
            for each in kind.groups.get(spec.group or "", (name,)):
                parts["set"][each] = [shown.get(each), after.get(each)]
    sent = {part: value for part, value in parts.items() if value}
    base = (given["pending_bases"] + [given["version_shown"]])[0]
    agree(sends, {"op": "update", "base": base, **sent} if sent else None)
    if sends:
        laid = overlaid(given["type"], shown, [sends])
        sets = [name for name in differ if kind.fields[name].merge != "append"]
        agree({name: (laid or {}).get(name) for name in sets}, {name: filled(wanted[name]) for name in sets})


def sorts_save(given: Json, expect: Json) -> Iterator[str]:
    if not expect["sends"]:
        yield "nothing changed"
        return
    fields = RECORD_TYPES[given["type"]].fields
    yield "base of the oldest pending" if given["pending_bases"] else "base of the row"
    for part in ("set", "add", "remove"):
        for name in expect["sends"].get(part, {}):
            yield f"{part} {fields[name].merge}"
            if fields[name].group:
                yield "a whole group"
            if name not in given["wanted"]:
                yield "a field of a group that nobody touched"
    for name in given["wanted"]:
        if name not in {
            *expect["sends"].get("set", {}),
            *expect["sends"].get("add", {}),
            *expect["sends"].get("remove", {}),
        }:
            yield "typed again, the same"
    if any(to is None for _, to in expect["sends"].get("set", {}).values()):
        yield "emptied"


OUTGOING = Family(
    name="outgoing",
    side="client",
    function="sync.outgoing: deltas, base_of",
    about="A Save. `shown`: the record on the screen, own edits included; `wanted`: the fields that the form hands "
    "over, in stored "
    "form, null where it was emptied; `pending_bases`: the bases of this device's edits of the record that still lie "
    "over the "
    "row, oldest first; `version_shown`: the row's version. `sends`: the mutation that is logged, null when nothing "
    "changed. "
    "Elements of add and remove compare without order, except in fields that merge as append.",
    draw=draw_saves,
    run=run_save,
    sorts=sorts_save,
    check=check_save,
    classes=frozenset(
        {
            "nothing changed", "base of the oldest pending", "base of the row", "set register", "set text", "add set",
            "add append", "remove set", "a whole group", "a field of a group that nobody touched",
            "typed again, the same",
            "emptied",
        }
    ),
)  # fmt: skip
