"""One closes a case while another raises it to most urgent: it stays open, whichever comes first, and people decide."""

from typing import Any

import pytest

from sync.mutation import Op
from tests.server.protocol_client import Centre, Phone
from tests.server.test_merging import join, staff
from tests.server.test_store import case, made_case, names

CLOSING = {
    "status": ["in_progress", "closed"],
    "closed_on": [None, "2026-11-22"],
    "outcome": [None, "helped"],
    "summary": [None, "ช่วยแล้ว"],
}
RAISING = {"urgency": ["normal", "most_urgent"]}


@pytest.fixture
def known(alice: Phone, bob: Phone) -> tuple[str, int]:
    """A case in progress that both hold, and its version."""
    new = case(alice, urgency="normal", status="in_progress")
    alice.push([new])
    alice.pull()
    return new["record"], bob.pull().version(new["record"])


def edit(phone: Phone, known: tuple[str, int], changes: dict[str, Any]) -> str:
    record, base = known
    return names(phone.push([phone.update("case", record, base, set=changes)]))[0]


STAYS_OPEN = {"status": "in_progress", "urgency": "most_urgent", "summary": "ช่วยแล้ว"}


def shown(phone: Phone, known: tuple[str, int]) -> dict[str, Any]:
    names_ = {*CLOSING, *RAISING}
    return {name: value for name, value in phone.pull().data(known[0]).items() if name in names_}


def asked(phone: Phone) -> dict[str, Any]:
    """Return what people are asked: field -> (risk, value at the centre, who wants what)."""
    return {
        each["field"]: (
            each["risk"],
            each.get("central_value"),
            [(side["user"], side["from"], side["value"]) for side in each["contenders"]],
        )
        for each in phone.pull().conflicts()
        if each["status"] == "open"
    }


def questions(closer: Phone) -> dict[str, Any]:
    return {
        "status": ("safety", "in_progress", [(closer.author.user, "in_progress", "closed")]),
        "closed_on": ("safety", None, [(closer.author.user, None, "2026-11-22")]),
        "outcome": ("safety", None, [(closer.author.user, None, "helped")]),
    }


def test_a_closing_that_comes_after_the_raising(alice: Phone, bob: Phone, known: tuple[str, int]) -> None:
    assert (edit(bob, known, RAISING), edit(alice, known, CLOSING)) == ("applied", "conflicted")

    assert shown(alice, known) == shown(bob, known) == STAYS_OPEN
    assert asked(alice) == asked(bob) == questions(alice)


def test_a_raising_that_comes_after_a_closing_which_was_corrected_at_once(
    alice: Phone, bob: Phone, known: tuple[str, int]
) -> None:
    closing = alice.update("case", *known, set={**CLOSING, "outcome": [None, "referred"]})
    corrected = alice.update("case", *known, set={"status": ["closed", "closed"], "outcome": ["referred", "helped"]})
    assert names(alice.push([closing], [corrected])) == ["applied", "applied"]

    assert edit(bob, known, RAISING) == "conflicted"
    assert shown(bob, known)["status"] == "in_progress"
    assert asked(bob).keys() == {"status", "closed_on"}


def test_a_raising_that_comes_after_the_closing(alice: Phone, bob: Phone, known: tuple[str, int]) -> None:
    assert (edit(alice, known, CLOSING), edit(bob, known, RAISING)) == ("applied", "conflicted")

    assert shown(alice, known) == shown(bob, known) == STAYS_OPEN
    assert asked(alice) == asked(bob) == questions(alice)


def test_who_has_seen_it_raised_may_close_it(alice: Phone, bob: Phone, known: tuple[str, int]) -> None:
    edit(bob, known, RAISING)
    seen = (known[0], alice.pull().version(known[0]))

    assert edit(alice, seen, CLOSING) == "applied"
    assert shown(bob, known) == {**STAYS_OPEN, "status": "closed", "closed_on": "2026-11-22", "outcome": "helped"}
    assert asked(bob) == {}


def test_who_has_seen_it_closed_may_raise_it(alice: Phone, bob: Phone, known: tuple[str, int]) -> None:
    edit(alice, known, CLOSING)
    seen = (known[0], bob.pull().version(known[0]))

    assert edit(bob, seen, RAISING) == "applied"
    assert shown(alice, known)["status"] == "closed"
    assert asked(alice) == {}


def test_who_raises_and_then_closes_is_of_one_mind(alice: Phone, known: tuple[str, int]) -> None:
    assert [edit(alice, known, RAISING), edit(alice, known, CLOSING)] == ["applied", "applied"]
    assert asked(alice) == {}


def test_a_lesser_raising_does_not_keep_it_open(alice: Phone, bob: Phone, known: tuple[str, int]) -> None:
    edit(bob, known, {"urgency": ["normal", "urgent"]})

    assert edit(alice, known, CLOSING) == "merged"
    assert shown(bob, known)["status"] == "closed"


@pytest.mark.parametrize("first", ["closing", "raising"])
def test_people_may_close_it_after_all(alice: Phone, bob: Phone, known: tuple[str, int], first: str) -> None:
    both = [(alice, CLOSING), (bob, RAISING)]
    for phone, changes in both if first == "closing" else reversed(both):
        edit(phone, known, changes)
    open_ = {data["field"]: (key, data) for key, (kind, _, data) in bob.pull().rows.items() if kind == "conflict"}
    resolves = [
        {"conflict": key, "contenders": [side["mutation"] for side in data["contenders"]], "reason": "ปลอดภัยแล้ว"}
        for key, data in open_.values()
    ]
    wanted = {name: CLOSING[name] for name in open_}
    decision = bob.update("case", known[0], bob.version(known[0]), set=wanted, resolves=resolves)

    assert names(bob.push([decision])) == ["applied"]
    assert shown(alice, known) == {**STAYS_OPEN, "status": "closed", "closed_on": "2026-11-22", "outcome": "helped"}
    assert asked(alice) == {}


@pytest.fixture
def goes_on_in(alice: Phone, bare_centre: Centre, known: tuple[str, int]) -> tuple[str, int]:
    """Another case in progress, whose merge into the known one nobody has heard of yet."""
    late = made_case(alice, urgency="normal", status="in_progress")
    join(bare_centre, late, known[0])
    return late, alice.version(late)


def test_a_closing_meant_for_a_case_that_goes_on_in_a_raised_one(
    alice: Phone, bob: Phone, known: tuple[str, int], goes_on_in: tuple[str, int]
) -> None:
    assert (edit(bob, known, RAISING), edit(alice, goes_on_in, CLOSING)) == ("applied", "conflicted")

    assert shown(alice, known) == STAYS_OPEN
    assert asked(alice) == questions(alice)


def test_a_raising_meant_for_a_case_that_goes_on_in_a_closed_one(
    alice: Phone, bob: Phone, known: tuple[str, int], goes_on_in: tuple[str, int]
) -> None:
    assert (edit(alice, known, CLOSING), edit(bob, goes_on_in, RAISING)) == ("applied", "conflicted")

    assert shown(bob, known) == STAYS_OPEN
    assert asked(bob) == questions(alice)


def test_staff_close_a_case_that_goes_on_in_a_raised_one(
    alice: Phone, bob: Phone, bare_centre: Centre, known: tuple[str, int], goes_on_in: tuple[str, int]
) -> None:
    assert edit(bob, known, RAISING) == "applied"
    closing = staff(bare_centre, Op.UPDATE, "case", goes_on_in[0], base=goes_on_in[1], set=CLOSING)

    assert names(bare_centre.store.write([[closing]], bare_centre.now, user="staff")) == ["conflicted"]
    assert shown(alice, known) == STAYS_OPEN
