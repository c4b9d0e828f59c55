"""Mark payments over a rule's ceiling or count. A payment made is a fact: kept, counted and marked, never refused.

Payments of one recipient from one fund are counted by the fiscal year of the day they were given, in the order in which
the centre learnt of them: the one that exceeds the count is marked, whoever typed it and however late it came.

What was paid to people who were merged counts as paid to one. Merging two, or taking them apart, judges their payments
anew.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from schemas.base import MERGED_INTO
from schemas.thai import fiscal_year
from server.ids import new_id
from server.models.sync_tables import carry, record
from server.store.among import among
from server.store.chains import ends_of, going_on_in
from server.store.loading import read_records, state_of
from sync.mutation import Mutation, Op
from sync.state import PENDING, RecordState

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment and to whom it went: of a merged person, to the one in whom they go on."""

    state: RecordState
    recipient: str | None

    @property
    def account(self) -> tuple[str | None, str, int] | None:
        """What it counts against: recipient, fund, fiscal year; ``None`` while one of them is unknown."""
        data = self.state.data
        if not (self.recipient and data.get("fund") and data.get("given_on")):
            return None
        return self.recipient, data["fund"], fiscal_year(data["given_on"])


@dataclass(frozen=True, slots=True)
class People:
    """People and those they were merged with, as this commit leaves them."""

    into: Mapping[str, str | None]

    def end(self, person: str | None) -> str | None:
        """Return in whom a person goes on; themselves where they were not merged."""
        while person and (later := self.into.get(person)):
            person = later
        return person


def aid_limits(connection: Connection, changed: Mapping[str, RecordState]) -> Iterable[Mutation]:
    """Return the marks to set or lift on payments that this commit writes, or whose recipients it merges."""
    touched = [state for state in changed.values() if _counts(state)]
    rejoined = [state for state in changed.values() if state.type == "person" and _is_joined_anew(state)]
    if not touched and not rejoined:
        return
    cases = {**read_records(connection, {state.data["case"] for state in touched}), **changed}
    recipients = {person for state in touched if (person := _recipient(state, cases))}
    people = _people(connection, recipients, rejoined)
    payments = _payments(connection, touched, changed, people)
    if rejoined:
        touched = [each.state for each in payments.values() if _counts(each.state)]
    rules = _rules(connection, {state.data["fund"] for state in touched})
    for state in touched:
        reason = _reason(payments[state.id], payments.values(), rules)
        if reason != state.data.get("over_limit_reason"):
            yield _mark(state, reason)


def _counts(state: RecordState) -> bool:
    return state.type == "assistance" and not state.deleted and bool(state.data.get("fund"))


def _is_joined_anew(state: RecordState) -> bool:
    """Tell whether this commit merges a person, or takes them apart again."""
    return state.field_versions.get(MERGED_INTO) == PENDING


def _people(connection: Connection, recipients: Collection[str], rejoined: Sequence[RecordState]) -> People:
    """Return some people and all who are merged with them: as the store knows it, then as this commit says."""
    named = {*recipients, *(state.id for state in rejoined), *(state.merged_into or state.id for state in rejoined)}
    family = going_on_in(connection, set(ends_of(connection, named).values()))
    rows = connection.execute(select(record.c.id, record.c.merged_into).where(among(record.c.id, family)))
    known = {row.id: row.merged_into for row in rows}
    return People(dict.fromkeys(named) | known | {state.id: state.merged_into for state in rejoined})


def _reason(payment: Payment, payments: Iterable[Payment], rules: Sequence[Data]) -> str | None:
    data = payment.state.data
    rule = rule_in_force(rules, data["fund"], data.get("given_on"))
    if rule is None:
        return None
    ceiling, times = rule.get("ceiling_satang"), rule.get("times_per_fiscal_year")
    if times and payment.account and (count := _place(payment, payments)) > times:
        return f"ครั้งที่ {count} ในปีงบประมาณ {payment.account[2]} หลักเกณฑ์ให้ {times} ครั้ง"
    if ceiling and data.get("amount_satang", 0) > ceiling:
        return f"เกินวงเงินครั้งละ {ceiling // 100:,} บาท"
    return None


def _place(payment: Payment, payments: Iterable[Payment]) -> int:
    """Return the payment's number among those of its account, in the order in which they became known."""
    same = sorted((each for each in payments if each.account == payment.account), key=lambda each: each.state.created)
    return 1 + [each.state.id for each in same].index(payment.state.id)


def rule_in_force(rules: Iterable[Data], fund: str, day: str | None) -> Data | None:
    """Return the rule of a fund that was in force on a day (the newest when the day is unknown)."""
    fitting = [
        rule
        for rule in rules
        if rule["fund"] == fund
        and (day is None or rule.get("valid_from", "") <= day)
        and (day is None or day <= rule.get("valid_to", "9999"))
    ]
    return max(fitting, key=lambda rule: str(rule.get("valid_from", "")), default=None)


def _rules(connection: Connection, funds: set[str]) -> list[Data]:
    rows = connection.execute(select(record.c.data).where(record.c.type == "assistance_rule", ~record.c.deleted))
    return [row.data for row in rows if row.data["fund"] in funds]


def _payments(
    connection: Connection, touched: Sequence[RecordState], changed: Mapping[str, RecordState], people: People
) -> dict[str, Payment]:
    """Return the touched payments and all others of the same people, the oldest known first."""
    rows = connection.execute(
        select(record)
        .where(record.c.type == "assistance", ~record.c.deleted, _goes_to(people.into.keys()))
        .order_by(record.c.created, record.c.id)
    )
    everything = {row.id: state_of(row) for row in rows if row.id not in changed}
    everything |= {state.id: state for state in touched}
    cases = {**read_records(connection, {state.data["case"] for state in everything.values()}), **changed}
    return {key: Payment(state, people.end(_recipient(state, cases))) for key, state in everything.items()}


def _recipient(state: RecordState, cases: Mapping[str, RecordState]) -> str | None:
    """Return who received a payment: the person it names, else the affected person of its case."""
    if person := state.data.get("person"):
        return str(person)
    case = cases.get(state.data["case"])
    return case.data.get("affected_person") if case else None


def _goes_to(recipients: Collection[str]) -> Any:
    """Select payments that name one of these people, or lie in a case that carries one."""
    their_cases = select(carry.c.carrier).where(among(carry.c.carried, recipients))
    in_their_cases = select(carry.c.carried).where(carry.c.carrier.in_(their_cases))
    return or_(record.c.id.in_(in_their_cases), among(record.c.data["person"].as_string(), recipients))


def _mark(state: RecordState, reason: str | None) -> Mutation:
    before = state.data.get("over_limit"), state.data.get("over_limit_reason")
    now = (True, reason) if reason else (None, None)
    return Mutation(
        seq=0,
        id=new_id(),
        op=Op.UPDATE,
        type="assistance",
        record=state.id,
        recorded_at="",
        base=state.version,
        set={"over_limit": (before[0], now[0]), "over_limit_reason": (before[1], now[1])},
    )
