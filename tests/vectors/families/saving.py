"""What a press of Save logs on a device, with what the device fills in; and what notices tell of an edit afterwards."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from field_kit import log, notices
from field_kit.errors import EmergencyTooLarge, Invalid
from field_kit.saving import Save
from schemas.records import RECORD_TYPES
from sync.assumed import NOT_AFTER_RECEIPT
from tests.vectors import twin
from tests.vectors.device import USER, device, put_edit, put_row, surroundings
from tests.vectors.dice import Dice
from tests.vectors.edits import RECORD, record, wanted_of
from tests.vectors.families.holding import CLASSES, KEYS, class_of
from tests.vectors.families.numbers import minted_by_hand
from tests.vectors.families.overlay import overlaid
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID, wrong_value

CONTACT = "2026-11-20T02:00:00.000Z"
NOWS = ("2026-11-23T03:00:00.000Z", "2026-11-22T17:00:00.000Z", "2026-11-22T16:59:59.999Z", "2036-01-01T00:00:00.000Z")


def draw(dice: Dice) -> Iterator[Drawn]:
    for number in range(230):
        name = ("case", "person", "visit", "emergency", "household", "contact", "assistance", "help_request")[
            number % 8
        ]
        kind = RECORD_TYPES[name]
        given: Json = {"type": name, "now": NOWS[number % 4], "random": dice.bytes(8).hex()}
        if number % 3:
            typed = record(dice, kind, 15)
            for field in ("reference_number", "received_on", "visited_on", "given_on"):
                if field in kind.fields and dice.chance(60):
                    typed.pop(field, None)
            given |= {"op": "create", "row": None, "typed": odd(dice, name, typed)}
        else:
            shown = {
                field: value for field, value in record(dice, kind, 25).items() if kind.fields[field].kind != "log"
            }
            homes = [KEYS[key] for key in dice.some(("district", "duty", "user", "assigned", "village"), 1, 2)]
            row = {"id": RECORD, "type": name, "version": dice.between(1, 50), "data": shown, "buckets": sorted(homes)}
            typed = {} if dice.chance(8) else wanted_of(dice, kind, shown)
            typed = {field: value for field, value in typed.items() if kind.fields[field].kind != "log"}
            given |= {"op": "update", "row": row, "typed": odd(dice, name, typed)}
        yield given["op"], given
    base = {"type": "emergency", "now": NOWS[0], "random": "00" * 8, "op": "create", "row": None}
    yield (
        "an emergency with a long note",
        {**base, "typed": {"causes": ["threat_or_assault"], "note": "ก" * 1000, "danger_notes": "ข" * 400}},
    )
    yield "a failing check digit", {
        **base, "type": "person", "typed": {"first_name": "มะลิ", "id_type": "national_id", "id_number": "9123456789013"}
    }  # fmt: skip
    yield "a day to come", {**base, "type": "contact", "typed": {"channel": "walk_in", "received_on": "2026-11-24"}}


def odd(dice: Dice, name: str, typed: Json) -> Json:
    kind = RECORD_TYPES[name]
    if dice.chance(12):
        field = dice.pick([field for field, spec in kind.fields.items() if spec.kind not in ("log", "raw")])
        typed = {**typed, field: wrong_value(dice, kind.fields[field])}
    if dice.chance(5):
        typed = {**typed, "no_such_field": 1}
    if name == "assistance" and dice.chance(20):
        typed = {**typed, "over_limit": True}
    return {field: value for field, value in typed.items() if len(str(value)) < 300}


def run(given: Json) -> Json:
    row = given["row"]
    with device(last_contact=CONTACT) as database:
        if row:
            with database.transaction():
                put_row(database, row, row["buckets"])
        outside = surroundings(datetime.fromisoformat(given["now"]), int(given["random"], 16))
        save = Save(database, outside)
        try:
            with save:
                save.update(RECORD, given["typed"]) if row else save.create(given["type"], given["typed"])
        except Invalid as invalid:
            [problems] = invalid.errors.values()
            return {"logged": None, "problems": problems}
        except EmergencyTooLarge:
            return {"logged": None, "problems": {}, "too_large": True}
        made = [_said(entry) for entry in log.entries(database)]
    [warnings] = save.saved.warnings.values() or [{}]
    return {"logged": made[0] if made else None, "problems": {}, "warnings": warnings}


def _said(entry: log.Logged) -> Json:
    made: Json = msgspec.to_builtins(entry.mutation)
    kept = ("op", "base", "data", "set", "add", "remove", "assumed", "contacted_at", "schema", "recorded_at")
    return {name: made[name] for name in kept if name in made} | {"lane": entry.lane}


def check(given: Json, expect: Json) -> None:
    kind, typed, row = RECORD_TYPES[given["type"]], given["typed"], given["row"]
    closed = {field for field in typed if field in kind.fields and kind.fields[field].written_by == "centre"}
    if row:
        classes = {each for bucket in row["buckets"] for each in CLASSES[bucket.partition(":")[0]].split()}
        hidden = {
            field for field in typed if field in kind.fields and class_of(given["type"], field, {}) not in classes
        }
        closed |= hidden
    for field in closed:
        agree(expect["problems"].get(field), [{"code": "not_permitted"}])
    logged = expect["logged"]
    if not logged:
        if row is None:
            assert expect["problems"] or "too_large" in expect, "nothing was logged, and nobody was told why"
        return
    agree([logged["recorded_at"], logged["contacted_at"], logged["schema"]], [given["now"], CONTACT, 1])
    today = day_in_bangkok(given["now"])
    if row is None:
        check_creation(given, logged, today)
    else:
        agree(logged["base"], row["version"])
        after = overlaid(given["type"], row["data"], [logged])
        stored = {field: twin.stored(twin.FIELDS[given["type"]][field], value) for field, value in typed.items()}
        agree(
            {field: (after or {}).get(field) for field in typed},
            {field: value or None if value == [] else value for field, value in stored.items()},
        )
    facts = {**logged.get("data", {}), **{field: to for field, (_, to) in logged.get("set", {}).items()}}
    late = [field for field in NOT_AFTER_RECEIPT if (facts.get(field) or "") > today]
    warned = {
        field for field, found in expect["warnings"].items() if any(each["code"] == "after_receipt" for each in found)
    }
    agree(sorted(warned), sorted(late))


def check_creation(given: Json, logged: Json, today: str) -> None:
    """Look at what the device filled in: the day of what happened, and the number."""
    kind = RECORD_TYPES[given["type"]]
    filled = dict(given["typed"])
    assumed = [
        field
        for field in ("received_on", "visited_on", "given_on")
        if field in kind.summary and filled.get(field) is None
    ]
    filled |= dict.fromkeys(assumed, today)
    number = kind.fields.get("reference_number")
    if number is not None and number.required and not filled.get("reference_number"):
        filled["reference_number"] = minted_by_hand(bytes.fromhex(given["random"]))
    made, problems = twin.record(given["type"], filled)
    agree([logged.get("data", {}), problems], [made, {}])
    agree(sorted(logged.get("assumed", [])), sorted(assumed))
    alone = given["type"] == "emergency" and not {"case", "accepted_by_team"} & made.keys()
    agree([logged["lane"], logged.get("base", 0)], ["urgent" if alone else "normal", 0])


def day_in_bangkok(instant: str) -> str:
    hour, day = int(instant[11:13]), int(instant[8:10])
    return f"{instant[:8]}{day + (hour >= 17):02d}"


def sorts(given: Json, expect: Json) -> Iterator[str]:
    logged = expect["logged"]
    if "too_large" in expect:
        yield "too large an emergency"
    elif logged is None:
        yield f"{given['op']} refused" if expect["problems"] else "nothing to save"
        yield from (each["code"] for found in expect["problems"].values() for each in found)
    else:
        yield f"{given['op']} logged"
        yield logged["lane"]
        yield "a date was filled in" if logged.get("assumed") else "no date was filled in"
        yield from (f"warning {each['code']}" for found in expect["warnings"].values() for each in found)
        if logged.get("data", {}).get("reference_number") and not given["typed"].get("reference_number"):
            yield "a number was minted"


SAVING = Family(
    name="saving",
    side="client",
    function="field_kit.saving.Save (field_kit.editing: creation, change)",
    about=f"One edit of a Save. `row`: the record as the device holds it, with its buckets; null for a create. "
    f"`typed`: what the form "
    f"hands over; `now`: the device's clock; `random`: the eight bytes of a reference number; the last contact was "
    f"at {CONTACT}. "
    "`logged`: the mutation, its lane among it (null: nothing changed, or it was refused); `problems`: why it was "
    "refused, by field; "
    "`warnings`: shown, and saved all the same; `too_large`: an emergency that must be shortened. A fact date that "
    "is missing is "
    "today's in Bangkok and named in `assumed`; a required reference number is minted; nobody edits what no bucket "
    "shows.",
    draw=draw,
    run=run,
    sorts=sorts,
    check=check,
    classes=frozenset({
        "create logged", "create refused", "update logged", "update refused", "nothing to save", "normal", "urgent",
        "not_permitted",
        "unknown_field", "a date was filled in", "no date was filled in", "a number was minted",
        "too large an emergency",
        "warning wrong_national_id", "warning after_receipt",
    }),
)  # fmt: skip

# --- notices

KINDS = ("released", "corrected", "returned", "dismissed", "a_newer_kind")
DETAILS: tuple[Json, ...] = (
    {}, {"code": "validation_failed", "errors": {"visited_on": [{"code": "after_receipt"}]}},
    {"fields": ["status"], "reason": "โทรถามแล้ว"},
    {"errors": {"summary": [{"code": "returned", "text": "ใครอยู่ในบ้าน"}]}, "reason": "ขอดูใหม่"},
    {"reason": "ซ้ำ"},
)  # fmt: skip


def draw_notices(dice: Dice) -> Iterator[Drawn]:
    for kind in KINDS:
        for outcome in ("held", "rejected", "applied", None):
            for _ in range(3):
                code = {"released": dice.pick(("applied", "rejected", "conflicted")), "corrected": "applied"}.get(
                    kind, kind
                )
                before = {
                    "outcome": outcome,
                    "code": {"held": "held", "rejected": "validation_failed"}.get(outcome or ""),
                }
                detail = dice.pick(DETAILS)
                told = {"kind": kind, "mutation": ID % 5, "code": code, **({"detail": detail} if detail else {})}
                yield f"{kind}, {outcome or 'no answer'}", {"edit": {"id": ID % 5, **before}, "notice": told}


def run_notice(given: Json) -> Json:
    edit = given["edit"]
    with device() as database, database.transaction():
        put_edit(database, 1, {"op": "delete", "type": "case", "record": RECORD, "id": edit["id"]})
        database.execute(
            "UPDATE mutation SET outcome = ?, code = ? WHERE id = ?", (edit["outcome"], edit["code"], edit["id"])
        )
        put_row(database, {"id": ID % 6, "type": "notice", "version": 3, "data": {"user": USER, **given["notice"]}})
        notices.note(database, [edit["id"]])
        [entry] = log.entries(database)
    return {"outcome": entry.outcome, "code": entry.code, "detail": entry.detail}


def check_notice(given: Json, expect: Json) -> None:
    edit, told = given["edit"], given["notice"]
    detail = told.get("detail", {})

    def parts(*names: str) -> Json:
        return {name: detail[name] for name in names if name in detail}

    wanted: Any = {"outcome": edit["outcome"], "code": edit["code"], "detail": {}}
    match told["kind"], edit["outcome"]:
        case "released", "held":
            wanted = {"outcome": told["code"], "code": detail.get("code"), "detail": parts("errors")}
        case "corrected", str():
            wanted = {"outcome": told["code"], "code": "corrected", "detail": parts("fields", "reason")}
        case ("returned" | "dismissed") as kind, "rejected" | "held":
            wanted = {"outcome": edit["outcome"], "code": kind, "detail": parts("errors", "reason")}
    agree(expect, wanted)


NOTICES = Family(
    name="notices",
    side="client",
    function="field_kit.notices.note",
    about="An edit of the log with its outcome and code so far (null: no answer yet), and a notice about it that a "
    "pull has brought. "
    "The edit afterwards: outcome, code, and `detail` (errors, fields that were corrected, the reason). A kind of "
    "notice that is not "
    "known changes nothing, and none settles an edit that was not answered.",
    draw=draw_notices,
    run=run_notice,
    sorts=lambda given, expect: [
        f"{given['notice']['kind']}: "
        + (
            "noted"
            if (expect["outcome"], expect["code"]) != (given["edit"]["outcome"], given["edit"]["code"])
            else "nothing"
        )
    ],
    check=check_notice,
    classes=frozenset(
        {f"{kind}: {end}" for kind in KINDS[:4] for end in ("noted", "nothing")} | {"a_newer_kind: nothing"}
    ),
)
