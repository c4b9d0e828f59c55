"""Which printed row each channel counts in, and which provinces make a group or region.

Every table is total: a channel without a row of its own counts in ``other``. Rows stand in the order in which they are
printed, which is S4's; the order is configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.label import Label
from schemas.vocabulary import VOCABULARIES

OTHER = "other"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row: its id, its label, the codes counted in it."""

    id: str
    label: Label
    codes: tuple[str, ...]
    assumed: bool = False


PROVINCE_CHANNELS: tuple[Row, ...] = (
    Row("hotline_1300", Label("สายด่วนศูนย์ช่วยเหลือสังคม 1300", "Hotline 1300"), ("hotline_1300",)),
    Row("operations_centre", Label("ศปก.พม.", "Operations centre"), ("operations_centre",)),
    Row("walk_in", Label("Walk in", "Walk in"), ("walk_in",)),
    # its label is lost in our copy of the report; by its place in the text it is the Facebook page
    Row("unlabelled", Label("เพจเฟสบุ๊ค", "Facebook page"), ("facebook_page",), assumed=True),
    Row("line_chat", Label("Line", "LINE"), ("line_chat",)),
    Row("ess_line_oa", Label("ESS Help Me", "ESS Help Me"), ("ess_line_oa",)),
    Row("agency_referral", Label("ประสานส่งต่อ", "Referral"), ("agency_referral",)),
)

NATION_CHANNELS: tuple[Row, ...] = (
    Row("hotline_1300", Label("สายด่วน 1300", "Hotline 1300"), ("hotline_1300",), assumed=True),
    Row(
        "social_media",
        Label("สื่อสังคมออนไลน์", "Social media"),
        ("ess_line_oa", "line_chat", "facebook_page", "online_news", "social_media_watch"),
        assumed=True,
    ),
    Row("in_person", Label("ติดต่อด้วยตนเอง", "In person"), ("walk_in",), assumed=True),
    Row("operations_centre", Label("ศปก.พม.", "Operations centre"), ("operations_centre",), assumed=True),
    Row("inspection", Label("กองตรวจราชการ", "Inspection"), ("inspection_division",), assumed=True),
)

PROBLEM_ROWS = ("income_livelihood", "rights_welfare_law", "health_accident_urgent", "family_relationship", "violence")
"""The five problems S4 prints, in its order; the same is their order by count."""

TARGET_GROUP_ROWS = ("child", "youth", "adult", "person_with_disability", "elderly")

PROVINCIAL_GROUPS: Mapping[str, tuple[Label, tuple[str, ...]]] = MappingProxyType(
    {
        "tpso_10": (
            Label("สสว. 10 ภาคใต้ตอนบน", "Technical support office 10, upper South"),
            ("84", "80", "86", "81", "85", "82", "83"),
        )
    }
)
"""Group -> label and provinces. S1 names this one; the others are to be loaded as reference data."""

_VICINITY = ("11", "12", "13", "73", "74")
_CENTRAL = (
    "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27",
    "70", "71", "72", "75", "76", "77",
)  # fmt: skip
REGIONS: Mapping[str, tuple[Label, tuple[str, ...]]] = MappingProxyType(
    {
        "bangkok": (Label("กรุงเทพมหานคร", "Bangkok"), ("10",)),
        "vicinity": (Label("ปริมณฑล", "Bangkok's vicinity"), _VICINITY),
        "central": (Label("ภาคกลาง", "Central"), _CENTRAL),
        "northeast": (
            Label("ภาคตะวันออกเฉียงเหนือ", "Northeast"),
            (*(str(code) for code in range(30, 50)),),
        ),
        "north": (Label("ภาคเหนือ", "North"), (*(str(code) for code in (*range(50, 59), *range(60, 68))),)),
        "south": (Label("ภาคใต้", "South"), (*(str(code) for code in (*range(80, 87), *range(90, 97))),)),
    }
)
"""Region -> label and provinces, by the first digit of the code; the split around Bangkok is assumed."""


def row_of(channel: str | None, rows: tuple[Row, ...] = PROVINCE_CHANNELS) -> str:
    """Return the id of the printed row in which a channel counts."""
    if not channel:
        return UNKNOWN
    return next((row.id for row in rows if channel in row.codes), OTHER)


def unmapped_channels(rows: tuple[Row, ...] = PROVINCE_CHANNELS) -> tuple[str, ...]:
    """Return the channels that a table counts in ``other``."""
    return tuple(code for code in VOCABULARIES["channel"].codes if row_of(code, rows) == OTHER)


def region_of(province: str) -> str:
    """Return the region of a two-digit province.

    :raises KeyError: for a province that no region has.
    """
    for region, (_, provinces) in REGIONS.items():
        if province in provinces:
            return region
    raise KeyError(province)
