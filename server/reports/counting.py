"""The counting rules, as one SQL statement that reads each case once. Both stores run the same text.

A case counts by its intake facts: the day it was received (a Bangkok date, as corrected), the channel and the district
at intake. Sex and target group are those of its one affected person. False, prank and wrong-call cases, deleted ones
and merged-away duplicates do not count. What is not known is counted as ``unknown``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from schemas.target_group import ADULT_FROM, ELDERLY_FROM, YOUTH_FROM
from schemas.thai import fiscal_year_start

NOT_COUNTED = "('false_report', 'prank', 'wrong_call')"


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a report, both ends in it."""

    first: date
    last: date

    @property
    def month_start(self) -> date:
        """The first day of the month in which the period ends."""
        return self.last.replace(day=1)

    @property
    def cumulative_start(self) -> date:
        """The 1 October with which the fiscal year of the last day began."""
        return fiscal_year_start(self.last)


@dataclass(frozen=True, slots=True)
class Figures:
    """One count three times: in the period, in its last month, and since 1 October."""

    period: int = 0
    month: int = 0
    cumulative: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.period + other.period, self.month + other.month, self.cumulative + other.cumulative)

    def __bool__(self) -> bool:
        return bool(self.period or self.month or self.cumulative)


Counts = Mapping[str, Mapping[str, Figures]]
"""Dimension -> stored value -> figures. A set of codes is still its JSON text; nothing stored is ``unknown``."""


# A person known to the month or year is counted as born on its first day (Civil and Commercial Code, section 16; the
# unknown parts are stored as 01). Who is born on 29 February completes a year at the end of 28 February (section
# 193/5), so is older from 1 March; comparing month and day as text says the same. ``schemas.target_group`` is the same
# rule in Python; a test holds them together.
AGE = """(CAST(substr(c.received_on, 1, 4) AS integer) - CAST(substr(p.birth_date, 1, 4) AS integer)
    - CASE WHEN substr(c.received_on, 6) < substr(p.birth_date, 6) THEN 1 ELSE 0 END)"""

TARGET_GROUP = f"""CASE
    WHEN p.has_disability AND COALESCE(p.disability_since, '') <= c.received_on THEN 'person_with_disability'
    WHEN p.birth_date IS NOT NULL AND COALESCE(p.birth_date_precision, 'day') <> 'unknown' THEN CASE
        WHEN p.birth_date > c.received_on THEN 'unknown'
        WHEN {AGE} < {YOUTH_FROM} THEN 'child' WHEN {AGE} < {ADULT_FROM} THEN 'youth'
        WHEN {AGE} < {ELDERLY_FROM} THEN 'adult' ELSE 'elderly' END
    WHEN p.age_band = 'under_18' THEN 'child'
    WHEN p.age_band = '18_25' THEN 'youth'
    WHEN p.age_band = '26_59' THEN 'adult'
    WHEN p.age_band = '60_over' THEN 'elderly'
    ELSE 'unknown' END"""

GROUPS = (("district", "channel"), ("sex", "target_group", "severity"), ("problem", "operation"))
"""Dimensions counted together: one group for all would nearly be one per case, one for each would sort seven times."""

# The person a case names may have been merged into another, and that one again: ``merged`` walks to the end.
# ``counted`` is materialised so that SQLite takes every column from its indexes and reads no record.
COUNTED = f"""
WITH RECURSIVE step (id, later) AS (
    SELECT id, merged_into FROM record WHERE type = 'person' AND merged_into IS NOT NULL
    UNION
    SELECT step.id, record.merged_into FROM step JOIN record ON record.id = step.later
    WHERE record.merged_into IS NOT NULL
),
merged (id, last) AS (
    SELECT step.id, step.later FROM step JOIN record ON record.id = step.later WHERE record.merged_into IS NULL
),
counted AS MATERIALIZED (
    SELECT c.received_on,
        c.intake_district AS district,
        COALESCE(c.intake_channel, 'unknown') AS channel,
        COALESCE(p.sex, 'unknown') AS sex,
        {TARGET_GROUP} AS target_group,
        COALESCE(c.problems, 'unknown') AS problem,
        COALESCE(c.severity, 'unknown') AS severity,
        COALESCE(c.operations, 'unknown') AS operation
    FROM view_case AS c
    LEFT JOIN merged ON merged.id = c.affected_person
    LEFT JOIN view_person AS p ON p.id = COALESCE(merged.last, c.affected_person)
    WHERE c.intake_province = :province
        AND c.received_on BETWEEN :earliest AND :latest
        AND c.merged_into IS NULL
        AND COALESCE(c.validity, 'genuine') NOT IN {NOT_COUNTED}
)"""

SUMS = """
    COUNT(*) FILTER (WHERE received_on >= :first) AS period,
    COUNT(*) FILTER (WHERE received_on >= :month_start) AS month,
    COUNT(*) FILTER (WHERE received_on >= :cumulative_start) AS cumulative"""


def _grouped(number: int, dimensions: tuple[str, ...]) -> str:
    padded = [*dimensions, *["NULL"] * (3 - len(dimensions))]
    values = ", ".join(f"{dimension} AS value_{place}" for place, dimension in enumerate(padded))
    return f" SELECT {number} AS number, {values}, {SUMS} FROM counted GROUP BY {', '.join(dimensions)}"


STATEMENT = COUNTED + " UNION ALL".join(_grouped(number, dimensions) for number, dimensions in enumerate(GROUPS))


def count(connection: Connection, province: str, period: Period) -> Counts:
    """Return every dimension's figures for one province."""
    found: dict[str, dict[str, Figures]] = {name: {} for names in GROUPS for name in names}
    for row in connection.execute(text(STATEMENT), _parameters(province, period)):
        figures = Figures(row.period, row.month, row.cumulative)
        for name, value in zip(GROUPS[row.number], row[1:], strict=False):
            found[name][value] = found[name].get(value, Figures()) + figures
    return found


def _parameters(province: str, period: Period) -> dict[str, Any]:
    earliest = min(period.first, period.month_start, period.cumulative_start)
    return {
        "province": province,
        "earliest": earliest.isoformat(),
        "latest": period.last.isoformat(),
        "first": period.first.isoformat(),
        "month_start": period.month_start.isoformat(),
        "cumulative_start": period.cumulative_start.isoformat(),
    }
