"""Small worlds as JSON: what the centre knows, who writes, what comes; and what became of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from schemas.privacy import Privacy
from schemas.records import RECORD_TYPES
from sync.apply import decide
from sync.bench import Bench
from sync.decision import Decision
from sync.mutation import Malformed, Mutation
from sync.state import PENDING, Ended, Past, Receipt, RecordState, Standing, World, Writer
from tests.sync.desk import Desk, Pen
from tests.vectors.family import Json
from tests.vectors.values import ID

RECEIVED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
COMMIT = 1000
ALICE, BOB, CAROL = ID % 1001, ID % 1002, ID % 1003


def minted() -> Callable[[], str]:
    """Return the ids that the centre mints in a vector: …9001, …9002 and so on."""
    numbers = iter(range(9001, 9999))
    return lambda: ID % next(numbers)


# --- from JSON


def state_of(said: Json) -> RecordState:
    return RecordState(
        said["id"], said["type"], said["version"], said["created"], said["owner"], said["data"],
        said.get("field_versions", {}),
        said.get("deleted", False), said.get("merged_into"), frozenset(said.get("by_others", ())),
    )  # fmt: skip


def writer_of(said: Json) -> Writer:
    may = said.get("may", "everything")

    def permits(kind: str, action: str) -> bool:
        return may == "everything" or f"{kind}.{action}" in may

    return Writer(said["user"], said["device"], said["incarnation"], permits, said.get("centre", False))


def mutation_of(said: Json) -> Mutation | Malformed:
    if "unreadable" in said:
        return Malformed(said["seq"], said["id"], said["unreadable"])
    return msgspec.convert(said, Mutation)


def standing_of(said: Json) -> Standing:
    others = frozenset(map(Privacy, said["of_others"])) if "of_others" in said else None
    return Standing(frozenset(map(Privacy, said.get("classes", ()))), said.get("left"), others)


def world_of(given: Json) -> World:
    records = {each["id"]: state_of(each) for each in given["records"]}
    holds = {"classes": [each.value for each in Privacy]}
    receipt = Receipt(RECEIVED, given.get("clock_offset_ms", 0))
    return World(
        RECORD_TYPES,
        records=records,
        open_conflicts={
            (each.data["record"], each.data["field"]): key
            for key, each in records.items()
            if each.type == "conflict" and each.data["status"] == "open"
        },
        standing={key: standing_of(given.get("standing", {}).get(key, holds)) for key in records},
        changed_by_others=given.get("changed_by_others", {}),
        past={key: _past(each) for key, each in given.get("past", {}).items()},
        joined=set(given.get("joined", ())),
        ended={
            key: Ended(msgspec.convert(each["mutation"], Mutation), writer_of(each["writer"]), receipt)
            for key, each in given.get("ended", {}).items()
        },
        erased=set(given.get("erased", ())),
    )


def _past(said: Json) -> Past:
    place = (said["record"], said["commit"], said["group"], said["position"])
    who = said["writer"]
    return Past(msgspec.convert(said["mutation"], Mutation), *place, (who["user"], who["device"], who["incarnation"]))


def run(given: Json) -> Json:
    """Let the product decide; say what it decided, and the records that it changed, as the commit leaves them."""
    world = world_of(given)
    receipt = Receipt(RECEIVED, given.get("clock_offset_ms", 0))
    bench = Bench(writer_of(given["writer"]), receipt, minted(), 1)
    groups = [[mutation_of(each) for each in group] for group in given["groups"]]
    decided = decide(world, groups, bench)
    changed = [state.stamped(COMMIT) for state in world.changed.values()]
    return {
        "outcomes": [[decision_said(each) for each in group] for group in decided],
        "changed": {state.id: state_said(state) for state in changed},
    }


# --- to JSON


def decision_said(decision: Decision) -> Json:
    said: Json = {"outcome": decision.outcome.value}
    said |= {"code": decision.code} if decision.code else {}
    said |= {"errors": decision.errors} if decision.errors else {}
    said |= {"conflicts": msgspec.to_builtins(decision.conflicts)} if decision.conflicts else {}
    said |= {"waits_for": decision.waits_for} if decision.waits_for else {}
    return said | ({"redirected_to": decision.redirected_to} if decision.redirected_to else {})


def state_said(state: RecordState) -> Json:
    assert state.version != PENDING
    said: Json = {
        "id": state.id,
        "type": state.type,
        "version": state.version,
        "created": state.created,
        "owner": state.owner,
    }
    said |= {"data": dict(state.data)}
    said |= {"field_versions": dict(state.field_versions)} if state.field_versions else {}
    said |= {"deleted": True} if state.deleted else {}
    said |= {"merged_into": state.merged_into} if state.merged_into else {}
    return said | ({"by_others": sorted(state.by_others)} if state.by_others else {})


def mutation_said(made: Mutation) -> Json:
    said: Json = msgspec.to_builtins(made)
    return said


def writer_said(writer: Writer) -> Json:
    said: Json = {"user": writer.user, "device": writer.device, "incarnation": writer.incarnation}
    return said | ({"centre": True} if writer.centre else {})


def pen(desk: Desk, user: str, incarnation: int = 0, **what: Any) -> Pen:
    """Return somebody who writes, on a device of their own; all ids are UUIDs."""
    number = int(user[-4:])
    who = Writer(
        user, ID % (number + 1000), ID % (number + 2000 + 100 * incarnation), lambda _type, _action: True, **what
    )
    return Pen(desk, who)


def desk() -> Desk:
    return Desk(RECORD_TYPES, now=RECEIVED)


def _that_matter(world: World, named: str) -> set[str]:
    """Return the records that a push names, with their conflicts, and those in which they go on."""
    kept = {key for key in world.records if key in named}
    for state in [*world.records.values()] * 2:
        if state.id in kept and state.merged_into:
            kept.add(state.merged_into)
        if state.merged_into in kept or state.data.get("record") in kept:
            kept.add(state.id)
    return kept


def given_of(desk: Desk, who: Writer, groups: list[list[Json]], **more: Any) -> Json:
    """Return the world as it is to a writer, and what they push."""
    world = desk._world(who)
    named = {each.get("undoes") for group in groups for each in group} | {
        key for group in groups for each in group for key in each.get("moves", ())
    }
    merges = {past.commit for key, past in world.past.items() if key in named}
    kept = _that_matter(world, json.dumps([groups, more]))
    said: Json = {
        "records": [state_said(state) for state in world.records.values() if state.id in kept],
        "changed_by_others": {key: commit for key, commit in world.changed_by_others.items() if key in kept},
        "writer": writer_said(who),
        "groups": groups,
    }
    past = {
        key: {
            "mutation": mutation_said(each.mutation), "record": each.record, "commit": each.commit, "group": each.group,
            "position": each.position, "writer": dict(zip(("user", "device", "incarnation"), each.writer, strict=True)),
        }
        for key, each in world.past.items()
        if key in named or each.commit in merges
    }  # fmt: skip
    return said | ({"past": past} if past else {}) | more


HEAD = {
    "world": "records: what the centre holds (version: of the record; created; field_versions: only of fields "
    "changed since; "
    "by_others: fields that others than the owner wrote). A conflict with status open is the open one of its field. "
    "standing: how "
    "the author stands to a record (classes that they see; left: the commit at which they ceased to hold it); who is "
    "not named "
    "holds it and sees everything. changed_by_others: the latest commit in which another incarnation changed a "
    "record. past, ended: "
    "mutations of the ledger that matter here. writer: may is everything unless it lists type.action. groups: what "
    "is pushed.",
    "answer": f"outcomes: of each mutation, by group. changed: every record that the push wrote, as commit {COMMIT} "
    f"leaves it. The "
    f"push came at 2026-11-23T03:00:00.000Z; ids that the centre mints are {ID % 9001} and so on, in the order of "
    f"need.",
}
