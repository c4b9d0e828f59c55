"""How the provincial report is laid out: which rows, in which order. All of it is data; counting knows nothing of it.

The defaults are Phrae's report for 2567 and the mapping tables of ``schemas.report_mapping``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from schemas.base import Label
from schemas.report_mapping import OTHER, PROBLEM_ROWS, PROVINCE_CHANNELS, TARGET_GROUP_ROWS, UNKNOWN, Row
from schemas.vocabulary import VOCABULARIES

OTHER_ROW = Row(OTHER, Label("อื่น ๆ", "Other"), ())
UNKNOWN_ROW = Row(UNKNOWN, Label("ไม่ระบุ", "Not stated"), ())


def rows_of(vocabulary: str, first: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """Return a row for each code of a vocabulary, some of them first; «ไม่ระบุ» is not among them."""
    known = VOCABULARIES[vocabulary].codes
    ordered = [*first, *(code for code in known if code not in first)]
    return tuple(Row(code, known[code].label, (code,)) for code in ordered if code != UNKNOWN)


DISTRICT_ORDER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"54": ("5401", "5405", "5406", "5404", "5402", "5403", "5407", "5408")}
)
"""Province -> its districts where they are not printed by code: Phrae as it published them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows of each table, in order of print."""

    channel: tuple[Row, ...] = PROVINCE_CHANNELS
    target_group: tuple[Row, ...] = rows_of("target_group", TARGET_GROUP_ROWS)
    problem: tuple[Row, ...] = rows_of("problem", PROBLEM_ROWS)
    sex: tuple[Row, ...] = rows_of("sex")
    severity: tuple[Row, ...] = rows_of("severity")
    operation: tuple[Row, ...] = rows_of("operation")
    district_order: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DISTRICT_ORDER)

    def district(self, province: str, names: Mapping[str, Label]) -> tuple[Row, ...]:
        """Return the districts of a province: those with a set place first, the others by code."""
        placed = [code for code in self.district_order.get(province, ()) if code in names]
        ordered = [*placed, *sorted(set(names) - set(placed))]
        return tuple(Row(code, names[code], (code,)) for code in ordered)
