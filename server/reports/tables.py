"""Tables of a report: counts laid out in rows, such that nothing counted is ever left out of a sum."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.base import Label
from schemas.report_mapping import UNKNOWN, Row
from server.reports.counting import Figures
from server.reports.layout import OTHER_ROW, UNKNOWN_ROW

MENTIONS = Label("นับเป็นครั้ง หนึ่งกรณีอาจนับหลายข้อ", "Counted as mentions: one case may count under several")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed row with its figures."""

    row: Row
    figures: Figures


@dataclass(frozen=True, slots=True)
class Table:
    """One table in order of print. ``note`` stands where the table counts something other than cases."""

    id: str
    title: Label
    lines: tuple[Line, ...]
    note: Label | None = None

    @property
    def total(self) -> Figures:
        """The sum of the rows."""
        return total_of(line.figures for line in self.lines)


def table(
    id_: str,
    title: Label,
    rows: Iterable[Row],
    figures: Mapping[str, Figures],
    *,
    rest: Row = OTHER_ROW,
    note: Label | None = None,
) -> Table:
    """Return a table of all rows, zero or not, then ``rest`` for codes that no row takes and «ไม่ระบุ», if not zero."""
    left = dict(figures)
    lines = [Line(row, total_of(left.pop(code, Figures()) for code in row.codes)) for row in rows]
    unknown = left.pop(UNKNOWN, Figures())
    others = total_of(left.values())
    if rest is UNKNOWN_ROW:
        unknown, others = unknown + others, Figures()
    lines += [Line(row, found) for row, found in ((rest, others), (UNKNOWN_ROW, unknown)) if found]
    return Table(id_, title, tuple(lines), note)


def mentions(figures: Mapping[str, Figures]) -> Mapping[str, Figures]:
    """Count each code of stored sets (JSON text); a case with an empty set mentions ``unknown``."""
    found: dict[str, Figures] = {}
    for stored, cases in figures.items():
        codes = [] if stored == UNKNOWN else json.loads(stored)
        for code in codes or [UNKNOWN]:
            found[code] = found.get(code, Figures()) + cases
    return found


def total_of(figures: Iterable[Figures]) -> Figures:
    """Return the sum of figures."""
    return sum(figures, Figures())
