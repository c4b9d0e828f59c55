"""What a push meets before it is decided, and what is written of it: the chain, a lane, dates that nobody typed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from schemas.records import RECORD_TYPES
from server.store.persist import FIRST_LINK, FIXED_COLUMNS, line, link
from sync.assumed import corrected_dates, corrected_instant, dates_after_receipt
from sync.errors import ProtocolError
from sync.instants import rfc3339
from sync.messages import Position
from sync.mutation import Mutation
from sync.sequence import Place, count_known
from sync.state import Receipt
from tests.vectors.dice import Dice
from tests.vectors.edits import RECORD
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID


def draw_chain(dice: Dice) -> Iterator[Drawn]:
    for number in range(70):
        rows = []
        for position in range(dice.between(0, 3)):
            values = {
                "group_position": position, "id": dice.uuid(), "repeat": 0, "device": dice.pick((dice.uuid(), None)),
                "incarnation": dice.uuid(), "lane": dice.pick(("normal", "urgent", None)),
                "seq": dice.pick((dice.between(1, 99), None)),
                "author": dice.uuid(), "schema": 1, "op": dice.pick(("create", "update", "delete")), "type": "case",
                "record": dice.uuid(),
                "base": dice.below(50), "recorded_at": dice.pick(("2026-11-23T01:40:00.000Z", "พรุ่งนี้", '"\\\n', None)),
                "received_at": "2026-11-23T02:00:00.000Z", "clock_offset_ms": dice.pick((None, -50, 7000)),
                "outcome": dice.pick(("applied", "rejected")), "code": dice.pick((None, "validation_failed")),
                "waits_for": None, "releases": dice.pick((None, dice.uuid())),
            }  # fmt: skip
            salt, payload = dice.bytes(16).hex(), dice.pick(('{"op":"create"}', '{"ก":"😀"}', None))
            rows.append({"salt": salt, "payload": payload, "values": [values[name] for name in FIXED_COLUMNS]})
        previous = FIRST_LINK if number < 3 else dice.bytes(32).hex()
        yield f"{len(rows)} rows", {"previous": previous, "commit": dice.between(1, 10**6), "rows": rows}


def hashed(row: Json) -> str:
    return sha256(f"{row['salt']}{row['payload'] or ''}".encode()).hexdigest()


def run_chain(given: Json) -> Json:
    lines = [line(hashed(row), tuple(row["values"])) for row in given["rows"]]
    return {"lines": [each.decode() for each in lines], "link": link(given["previous"], given["commit"], lines)}


def check_chain(given: Json, expect: Json) -> None:
    lines = [
        json.dumps([hashed(row), *row["values"]], ensure_ascii=False, separators=(",", ":")) for row in given["rows"]
    ]
    agree(expect["lines"], lines)
    assert not any("\n" in each for each in lines)
    whole = f"{given['previous']}:{given['commit']}" + "".join(f"\n{each}" for each in lines)
    agree(expect["link"], sha256(whole.encode()).hexdigest())


LEDGER_CHAIN = Family(
    name="ledger_chain",
    side="server",
    function="server.store.persist: line, link",
    about="One link of the ledger's chain. `rows`: each with salt, payload and the values that the chain covers, in "
    "the order of "
    "`columns` at the head of the file. `lines`: for each row one JSON list in UTF-8 without spaces: SHA-256 of salt "
    "and payload, "
    "then the values. `link`: SHA-256 over «previous:commit» and, for each row, a line feed and its line.",
    draw=draw_chain,
    run=run_chain,
    sorts=lambda given, expect: [
        f"{min(len(given['rows']), 2)} rows",
        "the first link" if given["previous"] == FIRST_LINK else "later",
    ],
    check=check_chain,
    classes=frozenset({"0 rows", "1 rows", "2 rows", "the first link", "later"}),
    more={"columns": list(FIXED_COLUMNS)},
)

# --- a lane


def draw_lanes(dice: Dice) -> Iterator[Drawn]:
    ids = [ID % number for number in range(1, 16)]
    for _ in range(160):
        recorded = {str(seq): ids[seq - 1] for seq in range(1, dice.between(0, 8) + 1)}
        last = len(recorded)
        after = dice.between(0, last)
        pushed = [{"seq": seq, "id": ids[seq - 1]} for seq in range(after + 1, after + 1 + dice.between(0, 5))]
        place: Json = {"seq": after, "id": ids[after - 1] if after else None}
        match dice.below(10):
            case 0:
                place = {"seq": last + dice.between(1, 3), "id": ids[14]}
                pushed = [{"seq": place["seq"] + 1, "id": ids[13]}]
            case 1 if after:
                place["id"] = ids[14]
            case 2 if pushed:
                dice.pick(pushed)["id"] = ids[14]
            case 3 if pushed:
                dice.pick(pushed)["seq"] += 1
            case 4 if len(pushed) > 1:
                pushed[-1]["id"] = pushed[0]["id"]
            case 5 if after:
                place["id"] = None
        yield "drawn", {"recorded": recorded, "after": place, "pushed": pushed}


def run_lane(given: Json) -> Json:
    recorded = {int(seq): key for seq, key in given["recorded"].items()}
    last = Position(len(recorded), recorded.get(len(recorded)))
    pushed = [Place(each["seq"], each["id"]) for each in given["pushed"]]
    try:
        return {"known": count_known(Position(**given["after"]), pushed, last, recorded)}
    except ProtocolError as refused:
        return {"refused": refused.code, **refused.extra}


def check_lane(given: Json, expect: Json) -> None:
    recorded, after, pushed = given["recorded"], given["after"], given["pushed"]
    last = {"seq": len(recorded), "id": recorded.get(str(len(recorded)))}
    if any(each["seq"] != after["seq"] + place for place, each in enumerate(pushed, start=1)):
        wanted: Json = {"refused": "validation_failed", "errors": {"groups": [{"code": "not_dense"}]}}
    elif len({each["id"] for each in pushed}) != len(pushed):
        wanted = {"refused": "validation_failed", "errors": {"groups": [{"code": "repeated_id"}]}}
    elif after["seq"] > len(recorded):
        wanted = {"refused": "sequence_gap", "last": last}
    else:
        claims = [each for each in [after, *pushed] if 0 < each["seq"] <= len(recorded)]
        if any(recorded[str(each["seq"])] != each["id"] for each in claims):
            wanted = {"refused": "device_forked", "last": last}
        else:
            wanted = {"known": len([each for each in pushed if each["seq"] <= len(recorded)])}
    agree(expect, wanted)


SEQUENCE = Family(
    name="sequence",
    side="server",
    function="sync.sequence.count_known",
    about="`recorded`: the ids that the centre has in a lane, by number; `after` and `pushed`: a push. `known`: how "
    "many of the pushed "
    "ones the centre has already; or why the push is `refused` as a whole. docs/protocol.md section 2.",
    draw=draw_lanes,
    run=run_lane,
    sorts=lambda given, expect: [
        expect.get("refused", "taken"), *(each["code"] for each in expect.get("errors", {}).get("groups", [])),
        "some are known" if expect.get("known") else "none is known",
    ],
    check=check_lane,
    classes=frozenset({
        "taken", "sequence_gap", "device_forked", "validation_failed", "not_dense", "repeated_id", "some are known",
        "none is known",
    }),
)  # fmt: skip

# --- dates that nobody typed

RECEIVED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def draw_assumed(dice: Dice) -> Iterator[Drawn]:
    for _ in range(130):
        recorded = RECEIVED - timedelta(minutes=dice.between(-3000, 60_000))
        clock = dice.pick((rfc3339(recorded), rfc3339(recorded), "2036-01-01T00:00:00Z", "tomorrow",
            "0001-01-01T00:00:00Z",
                           "2026-11-22T23:30:00+07:00", "2026-11-22T17:30:00", "9999-12-31T23:59:59Z"))  # fmt: skip
        contact = RECEIVED - timedelta(minutes=dice.between(0, 40_000)) if dice.chance(60) else None
        yield "drawn", {
            "recorded_at": clock, "clock_offset_ms": dice.pick((None, 0, -3_600_000, 86_400_000, -315_360_000_000,
                7_000)),
            "contacted_at": rfc3339(contact) if contact else None, "received_at": rfc3339(RECEIVED),
            "data": {"received_on": f"2026-11-{dice.between(10, 29)}", "next_action_on": "2026-12-01"},
            "assumed": dice.some(("received_on", "next_action_on", "urgency", "closed_on"), 0, 2),
        }  # fmt: skip


def run_assumed(given: Json) -> Json:
    made = msgspec.convert(
        {"seq": 1, "id": ID % 1, "op": "create", "type": "case", "record": RECORD,
         **{name: given[name] for name in ("data", "assumed", "recorded_at")}}, Mutation, strict=False,
    )  # fmt: skip
    made = msgspec.structs.replace(made, contacted_at=given["contacted_at"])
    receipt = Receipt(datetime.fromisoformat(given["received_at"]), given["clock_offset_ms"])
    case = RECORD_TYPES["case"]
    data = corrected_dates(case, made, receipt)
    return {
        "made_at": rfc3339(corrected_instant(made, receipt)),
        "data": data,
        "errors": dates_after_receipt(case, data, receipt),
    }


def check_assumed(given: Json, expect: Json) -> None:
    received = datetime.fromisoformat(given["received_at"])
    try:
        clock = datetime.fromisoformat(given["recorded_at"])
        clock = clock if clock.tzinfo else clock.replace(tzinfo=UTC)
        made = clock + timedelta(milliseconds=given["clock_offset_ms"] or 0)
    except (ValueError, OverflowError):
        made = received
    if given["contacted_at"]:
        made = max(made, datetime.fromisoformat(given["contacted_at"]))
    made = min(made, received)
    day = (made.astimezone(UTC) + timedelta(hours=7)).isoformat()[:10]
    dates = {name: day for name in given["assumed"] if name in given["data"]}
    data = {**given["data"], **dates}
    late = data["received_on"] > "2026-11-23"
    agree(expect["data"], data)
    agree(expect["errors"], {"received_on": [{"code": "after_receipt", "received_on": "2026-11-23"}]} if late else {})
    agree(expect["made_at"], f"{made.astimezone(UTC).isoformat()[:19]}.{made.microsecond // 1000:03d}Z")


def sorts_assumed(given: Json, expect: Json) -> Iterator[Any]:
    yield "a date was moved" if expect["data"] != given["data"] else "dates stay"
    yield "after the receipt" if expect["errors"] else "in time"
    yield {given["received_at"]: "bounded by the receipt", given["contacted_at"]: "bounded by the last contact"}.get(
        expect["made_at"], "by the clock"
    )


ASSUMED_DATES = Family(
    name="assumed_dates",
    side="server",
    function="sync.assumed: corrected_instant, corrected_dates, dates_after_receipt",
    about="The create of a case, whose `assumed` dates nobody typed. `made_at`: when it was made by the centre's "
    "clock (the device's "
    "plus its offset, not before the last contact and not after the receipt; the receipt where the device's clock "
    "says nothing). "
    "`data`: with assumed dates moved to that day in Bangkok. `errors`: fact dates after the day of receipt.",
    draw=draw_assumed,
    run=run_assumed,
    sorts=sorts_assumed,
    check=check_assumed,
    classes=frozenset({
        "a date was moved", "dates stay", "after the receipt", "in time", "bounded by the receipt",
        "bounded by the last contact",
        "by the clock",
    }),
)  # fmt: skip
