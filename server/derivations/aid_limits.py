"""Mark payments over a rule's ceiling or count. A payment made is a fact: kept, counted and marked, never refused.

Payments of one recipient from one fund are counted by the fiscal year of the day they were given, in the order in which
the centre learnt of them: the one that exceeds the count is marked, whoever typed it and however late it came.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from schemas.thai import fiscal_year
from server.ids import new_id
from server.models.sync_tables import carry, record
from server.store.loading import read_records, state_of
from sync.mutation import Mutation, Op
from sync.state import RecordState

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment and to whom it went."""

    state: RecordState
    recipient: str | None

    @property
    def account(self) -> tuple[str | None, str, int] | None:
        """What it counts against: recipient, fund, fiscal year; ``None`` while one of them is unknown."""
        data = self.state.data
        if not (self.recipient and data.get("fund") and data.get("given_on")):
            return None
        return self.recipient, data["fund"], fiscal_year(data["given_on"])


def aid_limits(connection: Connection, changed: Mapping[str, RecordState]) -> Iterable[Mutation]:
    """Return the marks to set or lift on payments that this commit writes."""
    touched = [state for state in changed.values() if state.type == "assistance" and not state.deleted]
    touched = [state for state in touched if state.data.get("fund")]
    if not touched:
        return
    rules = _rules(connection, {state.data["fund"] for state in touched})
    payments = _payments(connection, touched, changed)
    for state in touched:
        reason = _reason(payments[state.id], payments.values(), rules)
        if reason != state.data.get("over_limit_reason"):
            yield _mark(state, reason)


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
    connection: Connection, touched: Sequence[RecordState], changed: Mapping[str, RecordState]
) -> dict[str, Payment]:
    """Return the touched payments and all others of the same recipients, the oldest known first."""
    cases = {**read_records(connection, {state.data["case"] for state in touched}), **changed}
    recipients = {_recipient(state, cases) for state in touched} - {None}
    rows = connection.execute(
        select(record)
        .where(record.c.type == "assistance", ~record.c.deleted, _goes_to(sorted(map(str, recipients))))
        .order_by(record.c.created, record.c.id)
    )
    known = {row.id: state_of(row) for row in rows if row.id not in changed}
    cases |= read_records(connection, {state.data["case"] for state in known.values()} - cases.keys())
    everything = {**known, **{state.id: state for state in touched}}
    return {identifier: Payment(state, _recipient(state, cases)) for identifier, state in everything.items()}


def _recipient(state: RecordState, cases: Mapping[str, RecordState]) -> str | None:
    """Return who received a payment: the person it names, else the affected person of its case."""
    if person := state.data.get("person"):
        return str(person)
    case = cases.get(state.data["case"])
    return case.data.get("affected_person") if case else None


def _goes_to(recipients: Sequence[str]) -> Any:
    """Select payments that name one of these people, or lie in a case that carries one."""
    their_cases = select(carry.c.carrier).where(carry.c.carried.in_(recipients))
    in_their_cases = select(carry.c.carried).where(carry.c.carrier.in_(their_cases))
    return or_(record.c.id.in_(in_their_cases), record.c.data["person"].as_string().in_(recipients))


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
