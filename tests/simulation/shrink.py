"""Leave out of a failing schedule every step without which it still fails in the same way."""

from tests.simulation.plan import Plan
from tests.simulation.play import play


def shrunk(plan: Plan) -> Plan:
    """Return the smallest schedule found: ever smaller portions are left out as long as the same promise is broken."""
    wanted = _broken(plan)
    if wanted is None:
        return plan
    numbers = [step.number for step in plan.steps]
    size = max(1, len(numbers) // 2)
    while True:
        smaller = _without_some(plan, numbers, size, wanted)
        if len(smaller) == len(numbers) and size == 1:
            return plan.only(tuple(numbers))
        numbers, size = smaller, max(1, size // 2)


def _without_some(plan: Plan, numbers: list[int], size: int, wanted: str) -> list[int]:
    kept, at = list(numbers), 0
    while at < len(kept):
        fewer = kept[:at] + kept[at + size :]
        if _broken(plan.only(tuple(fewer))) == wanted:
            kept = fewer
        else:
            at += size
    return kept


def _broken(plan: Plan) -> str | None:
    """Return which promise a schedule breaks."""
    violation = play(plan).violation
    return violation.partition(":")[0] if violation else None
