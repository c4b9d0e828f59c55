"""Where a record lies, what moves, the ledger's chain, a lane's place, and dates that nobody typed."""

from collections.abc import Iterator

from schemas.records import RECORD_TYPES
from sync.buckets import Entry, memberships, moved
from tests.vectors.dice import Dice
from tests.vectors.edits import RECORD
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID, full_record

OWNER = ID % 50
TEAM, OFFICER = ID % 60, ID % 70


# --- buckets of a record


def draw_places(dice: Dice) -> Iterator[Drawn]:
    for name, kind in RECORD_TYPES.items():
        for _ in range(11):
            data = {
                field: value for field, value in full_record(kind).items() if field in ("code", "user", "owner_record")
            }
            if "area" in kind.fields:
                data["area"] = dice.pick(("54", "5401", "540101", "54010101", "10", None))
            if "code" in kind.fields and name == "area":
                data["code"] = dice.pick(("54", "5401", "540101", "54010101"))
            data |= {field: TEAM for field in ("team", "accepted_by_team") if field in kind.fields and dice.chance(45)}
            data |= {"assigned_to": OFFICER} if "assigned_to" in kind.fields and dice.chance(40) else {}
            data |= {"case": ID % 1} if "case" in kind.fields and dice.chance(50) else {}
            carriers = {ID % number: buckets(dice) for number in dice.some((1, 2, 3), 0, 2)}
            together = {ID % number: buckets(dice) for number in dice.some((4, 5), 0, 1)}
            kept = {field: value for field, value in data.items() if value is not None}
            yield name, {"type": name, "data": kept, "owner": OWNER, "carried_by": carriers, "together_with": together}


def buckets(dice: Dice) -> list[str]:
    known = (
        "district:5401", "duty:5401", "tambon:540101", "village:54010101", f"team:{TEAM}", f"assigned:{OFFICER}",
        f"user:{OWNER}",
        f"user:{ID % 51}", "reference", "areas:54",
    )  # fmt: skip
    return sorted(dice.some(known, 1, 4))


def run_places(given: Json) -> Json:
    own = RECORD_TYPES[given["type"]].own_buckets(given["data"], given["owner"])
    found = memberships(RECORD, given["owner"], own, given["carried_by"], given["together_with"])
    return {"own": sorted(own), "lies_in": {bucket: sorted(reasons) for bucket, reasons in found.items()}}


def own_by_hand(kind: str, data: Json, owner: str) -> set[str]:
    """Put a record where its type says, by the table of places in docs/protocol.md section 7."""
    found: set[str] = set()
    area = data.get("area", "")
    in_district = {"case", "contact", "emergency", "help_request", "outreach_activity", "report_narrative"}
    if kind in in_district and area:
        district = area[:4] if len(area) > 2 else area + "00"
        found |= {f"district:{district}", f"duty:{district}"} | ({f"tambon:{area[:6]}"} if len(area) > 4 else set())
    if kind in ("case", "help_request") and len(area) == 8:
        found.add(f"village:{area}")
    if kind in ("agency", "assistance_rule", "team"):
        found.add("reference")
    if kind == "area":
        found.add("reference" if len(data["code"]) < 5 else f"areas:{data['code'][:2]}")
    if kind == "notice":
        found.add(f"user:{data['user']}")
    if kind == "case":
        found |= {f"team:{data['team']}"} if "team" in data else set()
        found |= {f"assigned:{data['assigned_to']}"} if "assigned_to" in data else set()
    if kind == "emergency" and "accepted_by_team" in data:
        found.add(f"team:{data['accepted_by_team']}")
    if kind in ("emergency", "help_request", "outreach_activity", "report_narrative"):
        found.add(f"user:{owner}")
    alone = (kind == "case" and not {"team", "assigned_to"} & data.keys()) or (kind == "contact" and "case" not in data)
    return found | ({f"user:{owner}", f"assigned:{owner}"} if alone else set())


def check_places(given: Json, expect: Json) -> None:
    own, owner = own_by_hand(given["type"], given["data"], given["owner"]), given["owner"]
    agree(expect["own"], sorted(own))
    because: dict[str, set[str]] = {bucket: {RECORD} for bucket in own}
    for carrier, homes in [*given["carried_by"].items(), *given["together_with"].items()]:
        for bucket in homes:
            kind, _, name = bucket.partition(":")
            if kind not in ("duty", "village") and (kind != "user" or name == owner):
                because.setdefault(bucket, set()).add(carrier)
    agree(
        expect["lies_in"], {bucket: sorted(found) for bucket, found in (because or {f"user:{owner}": {RECORD}}).items()}
    )


BUCKETS = Family(
    name="buckets",
    side="server",
    function="schemas.base.RecordType.own_buckets; sync.buckets.memberships",
    about=f"A live record ({RECORD}) of a type with its data and owner. `carried_by`: the records that carry it, "
    f"each with its own "
    "buckets; `together_with`: records in whose every bucket it lies. `own`: the buckets that its own data give it; "
    "`lies_in`: "
    "every bucket with the ids because of which it is there. What others filed brings nothing into a user's bucket, "
    "narrow "
    "buckets (duty, village) no companions; a record that would lie nowhere lies with its owner.",
    draw=draw_places,
    run=run_places,
    sorts=lambda given, expect: [
        given["type"],
        "nowhere of itself: with its owner"
        if not expect["own"] and expect["lies_in"] == {f"user:{OWNER}": [RECORD]}
        else "placed",
        *{bucket.partition(":")[0] for bucket in expect["lies_in"]},
        "several reasons" if any(len(found) > 1 for found in expect["lies_in"].values()) else "one reason",
    ],
    check=check_places,
    classes=frozenset({
        *RECORD_TYPES, "nowhere of itself: with its owner", "placed", "several reasons", "one reason", "reference",
        "areas", "user",
        "assigned", "team", "district", "tambon", "duty", "village",
    }),
)  # fmt: skip

# --- the feed


def draw_moves(dice: Dice) -> Iterator[Drawn]:
    keys = ("district:5401", "district:5402", "duty:5401", f"team:{TEAM}", f"user:{OWNER}")
    for _ in range(120):
        before = {
            key: {
                "commit": dice.between(5, 20),
                "since": dice.between(1, 5),
                "live": dice.chance(75),
                "reasons": [RECORD],
            }
            for key in dice.some(keys, 0, 4)
        }
        deleted = dice.chance(20)
        wanted = {} if deleted else {key: sorted(dice.some((RECORD, ID % 2), 1, 2)) for key in dice.some(keys, 0, 4)}
        yield (
            "drawn",
            {
                "before": before,
                "wanted": wanted,
                "changed": deleted or dice.chance(60),
                "deleted": deleted,
                "commit": 30,
            },
        )


def run_moves(given: Json) -> Json:
    before = {
        key: Entry(key, RECORD, each["commit"], each["since"], each["live"], None if each["live"] else "moved",
                   frozenset(each["reasons"] if each["live"] else []))
        for key, each in given["before"].items()
    }  # fmt: skip
    wanted = {key: frozenset(reasons) for key, reasons in given["wanted"].items()}
    rows = moved(RECORD, before, wanted, changed=given["changed"], deleted=given["deleted"], commit=given["commit"])
    return {
        "entries": {
            row.bucket: {
                "commit": row.commit,
                "since": row.since,
                "live": row.live,
                "why": row.why,
                "reasons": sorted(row.reasons),
            }
            for row in rows
        }
    }


def check_moves(given: Json, expect: Json) -> None:
    found: Json = {}
    commit = given["commit"]
    for key in {*given["before"], *given["wanted"]}:
        was = given["before"].get(key) or {"live": False}
        if key in given["wanted"]:
            new = {"commit": commit, "since": commit, "live": True, "why": None, "reasons": given["wanted"][key]}
            if was["live"]:
                new |= {"since": was["since"], "commit": commit if given["changed"] else was["commit"]}
                if not given["changed"] and was["reasons"] == given["wanted"][key]:
                    continue
            found[key] = new
        elif was["live"]:
            why = "deleted" if given["deleted"] else "moved"
            found[key] = {"commit": commit, "since": was["since"], "live": False, "why": why, "reasons": []}
    agree(expect["entries"], found)


FEED = Family(
    name="feed",
    side="server",
    function="sync.buckets.moved",
    about="The entries of one record in the feed `before` a commit, and the buckets with reasons in which it is to "
    "be (`wanted`); "
    "`changed`: it has a new version. `entries`: the rows that the commit writes, by bucket. A live entry that is "
    "not wanted is "
    "gone, with why; a mere change of reasons does not move an entry.",
    draw=draw_moves,
    run=run_moves,
    sorts=lambda given, expect: [
        *(("gone: " + row["why"]) if not row["live"] else "put anew" if row["since"] == 30 else
          "moved forward" if row["commit"] == 30 else "reasons alone" for row in expect["entries"].values())
    ] or ["nothing to write"],
    check=check_moves,
    classes=frozenset({"gone: moved", "gone: deleted", "put anew", "moved forward", "reasons alone",
        "nothing to write"}),
)  # fmt: skip
