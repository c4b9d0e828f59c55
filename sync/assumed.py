"""Dates that nobody typed. A device may fill them from its clock; the server moves them by the clock's known error.

The result lies between the contact before and the receipt, on the Bangkok calendar (docs/protocol.md section 7).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.base import Errors, RecordType
from schemas.thai import bangkok_date
from sync.instants import parsed
from sync.mutation import Mutation
from sync.state import Receipt

NOT_AFTER_RECEIPT = frozenset({"received_on", "visited_on", "given_on"})
"""Fact dates: what they tell has happened, so they cannot lie after the day the server received them."""


def corrected_instant(mutation: Mutation, receipt: Receipt) -> datetime:
    """Return when an edit was made by the server's clock: offset applied, then bounded by what cannot be."""
    recorded = parsed(mutation.recorded_at)
    if recorded is None:
        return receipt.received_at
    try:
        moved = (recorded + timedelta(milliseconds=receipt.clock_offset_ms or 0)).astimezone(UTC)
    except OverflowError:
        return receipt.received_at
    earliest = parsed(mutation.contacted_at or "") or moved
    return min(max(moved, earliest), receipt.received_at)


def corrected_dates(kind: RecordType, mutation: Mutation, receipt: Receipt) -> Mapping[str, Any]:
    """Return the data of a create with its assumed dates corrected; other fields are never touched."""
    assumed = [name for name in mutation.assumed if name in mutation.data and _is_date(kind, name)]
    if not assumed:
        return mutation.data
    day = bangkok_date(corrected_instant(mutation, receipt)).isoformat()
    return {**mutation.data, **dict.fromkeys(assumed, day)}


def _is_date(kind: RecordType, name: str) -> bool:
    return name in kind.fields and kind.fields[name].kind == "date"


def dates_after_receipt(kind: RecordType, data: Mapping[str, Any], receipt: Receipt) -> Errors:
    """Name the fact dates that lie after the day of receipt."""
    late = [name for name in NOT_AFTER_RECEIPT if isinstance(data.get(name), str)]
    late = [name for name in late if data[name] > receipt.today]
    return {name: [{"code": "after_receipt", "received_on": receipt.today}] for name in sorted(late)}
