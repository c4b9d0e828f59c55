"""The order of rows that an operator wants, from a JSON file (``HUSEC_REPORT_LAYOUT_FILE``).

It names tables of the report by their ids and, for each, row ids in order; districts are listed per province::

    {"district": {"54": ["5401", "5405"]}, "channel": ["walk_in"], "problem": ["violence"]}

What it leaves out follows in the usual order: no file can make a row, and so a figure, disappear.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import geothai
import msgspec

from schemas.report_mapping import Row
from server.config import BadSetting
from server.reports.layout import Layout


class RowOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file may say: for each table the rows that come first."""

    district: dict[str, list[str]] = {}
    channel: list[str] = []
    target_group: list[str] = []
    problem: list[str] = []
    sex: list[str] = []
    severity: list[str] = []
    operation: list[str] = []


def layout_from(path: Path) -> Layout:
    """Read a layout.

    :raises BadSetting: naming the file and what is wrong in it.
    """
    try:
        wanted = msgspec.json.decode(path.read_text("utf-8-sig"), type=RowOrder)
        return _laid_out(wanted, Layout())
    except OSError as error:
        raise BadSetting(f"{path} cannot be read: {error.strerror}") from None
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadSetting(f"{path}: {error}") from None


def _laid_out(wanted: RowOrder, usual: Layout) -> Layout:
    return Layout(
        channel=_rows("channel", wanted.channel, usual.channel),
        target_group=_rows("target_group", wanted.target_group, usual.target_group),
        problem=_rows("problem", wanted.problem, usual.problem),
        sex=_rows("sex", wanted.sex, usual.sex),
        severity=_rows("severity", wanted.severity, usual.severity),
        operation=_rows("operation", wanted.operation, usual.operation),
        district_order={**usual.district_order, **_districts(wanted.district, usual.district_order)},
    )


def _rows(table: str, first: Sequence[str], usual: Sequence[Row]) -> tuple[Row, ...]:
    rows = {row.id: row for row in usual}
    _check(table, first, rows)
    return tuple(rows[code] for code in (*first, *(code for code in rows if code not in first)))


def _districts(
    wanted: Mapping[str, Sequence[str]], usual: Mapping[str, Sequence[str]]
) -> Mapping[str, tuple[str, ...]]:
    """Return the order in each province; districts without a place follow by code when the report is made."""
    _check("district", list(wanted), [province.code for province in geothai.provinces()])
    found = {}
    for province, first in wanted.items():
        _check(f"district {province}", first, [district.code for district in geothai.districts(province)])
        found[province] = (*first, *(code for code in usual.get(province, ()) if code not in first))
    return found


def _check(table: str, codes: Sequence[str], known: Iterable[str]) -> None:
    """Refuse what is not a row of the table, and what is named twice."""
    if strange := [code for code in codes if code not in known]:
        raise ValueError(f"{table} has no {', '.join(map(repr, strange))}; there are {', '.join(known)}")
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise ValueError(f"{table} names {', '.join(map(repr, twice))} more than once")
