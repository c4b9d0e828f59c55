"""The one recovery: what a gap, a fork or a new epoch makes of the log."""

from collections.abc import Iterator

from field_kit.identity import read_identity
from field_kit.recovery import recover
from sync.errors import DeviceForked, EpochChanged, SequenceGap
from tests.vectors.device import device, put_edit, surroundings
from tests.vectors.dice import Dice
from tests.vectors.edits import RECORD
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID

REASONS = {"sequence_gap": SequenceGap, "device_forked": DeviceForked}


def draw_recoveries(dice: Dice) -> Iterator[Drawn]:
    for number in range(90):
        log: list[Json] = []
        seqs = {"normal": dice.pick((0, 4)), "urgent": 0}
        for _ in range(dice.between(1, 6)):
            lane = dice.pick(("normal", "normal", "normal", "urgent"))
            seqs[lane] += dice.pick((1, 1, 1, 2))
            state = dice.pick(("pending", "answered", "settled"))
            commit = dice.pick((10, 20, 30, dice.between(5, 40))) if state != "pending" else None
            log.append({
                "id": dice.uuid(), "lane": lane, "seq": seqs[lane], "base": dice.between(0, 40), "state": state,
                "commit": commit,
                "outcome": dice.pick(("applied", "rejected", "conflicted")) if commit else None,
            })  # fmt: skip
        why: Json = {"code": dice.pick(sorted(REASONS))}
        if number % 2:
            why = {"code": "epoch_changed", "epoch": ID % 9, "restored_to": dice.pick((0, 10, 20, 30, 50))}
        yield why["code"], {"log": log, "problem": why}


def run_recovery(given: Json) -> Json:
    problem = given["problem"]
    with device(last_commit=40, safe_through={"normal": 3}) as database:
        with database.transaction():
            for entry in given["log"]:
                put_edit(database, entry["seq"], {"op": "delete", "type": "case", "record": RECORD, **entry})
                database.execute(
                    "UPDATE mutation SET state = ?, outcome = ?, commit_number = ?, unanswered = ? WHERE id = ?",
                    (entry["state"], entry["outcome"], entry["commit"], entry["state"] == "pending", entry["id"]),
                )
        if problem["code"] == "epoch_changed":
            recover(database, EpochChanged(epoch=problem["epoch"], restored_to=problem["restored_to"]), surroundings())
        else:
            recover(database, REASONS[problem["code"]](), surroundings())
        rows = database.rows("SELECT id, lane, seq, base, state, outcome, commit_number FROM mutation ORDER BY rowid")
        identity = read_identity(database)
        left = database.value("SELECT count(*) FROM mutation WHERE unanswered = 0")
    assert left == 0
    assert identity.incarnation != "i"
    names = ("id", "lane", "seq", "base", "state", "outcome", "commit")
    return {
        "log": [dict(zip(names, row, strict=True)) for row in rows],
        "epoch": identity.epoch if identity.epoch == problem.get("epoch") else None,
        "last_complete_commit": identity.last_commit,
    }


def check_recovery(given: Json, expect: Json) -> None:
    restored_to = given["problem"].get("restored_to")
    wanted = []
    for entry in given["log"]:
        before = [each for each in given["log"] if each["lane"] == entry["lane"] and each["seq"] <= entry["seq"]]
        stays = entry["state"] == "settled" and (restored_to is None or entry["commit"] <= restored_to)
        renewed = {} if stays else {"state": "pending", "outcome": None, "commit": None}
        base = entry["base"] if restored_to is None else min(entry["base"], restored_to)
        wanted.append({**entry, "seq": len(before), "base": base, **renewed})
    agree(expect["log"], wanted)
    agree(expect["epoch"], given["problem"].get("epoch"))
    agree(expect["last_complete_commit"], min(40, 40 if restored_to is None else restored_to))


RECOVERY = Family(
    name="recovery",
    side="client",
    function="field_kit.recovery.recover",
    about="The one recovery (docs/protocol.md section 2). `log`: all of a device's mutations in the order in which "
    "they were made, "
    "before it (`state`: pending without an answer, answered but still in the overlay, settled when a pull has shown "
    "it); "
    "`problem`: what push or pull was answered; the last complete pull ended at commit 40. Afterwards: the same log, "
    "all of it "
    "to be sent again under a new incarnation; `epoch`: the new one, null where it stays; `last_complete_commit`.",
    draw=draw_recoveries,
    run=run_recovery,
    sorts=lambda given, expect: [
        given["problem"]["code"],
        *("stays out of the overlay" if each["state"] == "settled" else "to be answered anew"
            for each in expect["log"]),
        *("a base is lowered" for old, new in zip(given["log"], expect["log"], strict=True)
            if old["base"] > new["base"]),
        *("numbered anew" for old, new in zip(given["log"], expect["log"], strict=True) if old["seq"] != new["seq"]),
        *("back into the overlay" for old, new in zip(given["log"], expect["log"], strict=True)
          if old["state"] == "settled" and new["state"] == "pending"),
    ],
    check=check_recovery,
    classes=frozenset({
        "sequence_gap", "device_forked", "epoch_changed", "stays out of the overlay", "to be answered anew",
        "a base is lowered",
        "numbered anew", "back into the overlay",
    }),
)  # fmt: skip
