"""Columns that stand under each other, whatever marks a Thai letter carries."""

import unicodedata
from datetime import UTC, datetime

import pytest

from field_kit.cli.display import lately
from field_kit.cli.layout import columns, wrapped

STORY = "หลังคาพังทั้งหลังจากพายุฤดูร้อน ผู้สูงอายุอยู่ลำพัง ไม่มีรายได้ ขาดยาความดันสองสัปดาห์ น้ำท่วมที่นาทั้งหมดเมื่อเดือนก่อน"


def cells(text: str) -> int:
    """Return how many columns a terminal gives a text."""
    return sum(unicodedata.category(each) not in ("Mn", "Me", "Cf") for each in text)


@pytest.mark.parametrize("width", [16, 20, 27, 40, 80])
def test_lines_fit_and_no_letter_is_torn_from_its_marks(width: int) -> None:
    lines = wrapped(STORY, width)

    assert "".join(lines).replace(" ", "") == STORY.replace(" ", "")
    assert [line for line in lines if cells(line) > width] == []
    assert [line for line in lines if unicodedata.category(line[0]) == "Mn" or line[0] in "ะาำๆ"] == []
    assert [line for line in lines if line[-1] in "เแโใไ"] == []


def test_a_line_ends_at_a_space_where_one_is_near() -> None:
    assert wrapped("Nobody has received this yet. Call now.", 20) == ["Nobody has received", "this yet. Call now."]
    assert wrapped("ผู้สูงอายุอยู่ลำพัง ไม่มีรายได้", 18) == ["ผู้สูงอายุอยู่ลำพัง", "ไม่มีรายได้"]


def test_what_is_longer_than_a_line_is_broken_and_own_lines_stay() -> None:
    assert wrapped("abcdefgh", 3) == ["abc", "def", "gh"]
    assert wrapped("a\n\nb", 10) == ["a", "", "b"]


def test_columns_stand_under_each_other_and_the_last_wraps() -> None:
    lines = list(columns([["ที่", "", "สุนัขดุ มาก"], ["ผู้ใหญ่", "", "ข " * 12]], 24, indent=1))

    assert lines == [" ที่     สุนัขดุ มาก", " ผู้ใหญ่  ข ข ข ข ข ข ข ข", "       ข ข ข ข"]
    assert list(columns([], 80)) == []


@pytest.mark.parametrize(
    ("moment", "thai", "english"),
    [
        ("2026-11-22T17:00:00.000Z", "วันนี้ 00:00 น.", "today 00:00"),
        ("2026-11-22T16:59:00.000Z", "เมื่อวาน 23:59 น.", "yesterday 23:59"),
        ("2026-11-20T03:05:00.000Z", "20/11/2569 10:05 น.", "2026-11-20 10:05"),
    ],
)
def test_a_moment_is_said_as_people_say_it(moment: str, thai: str, english: str) -> None:
    now = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)
    assert (lately(moment, now, "th"), lately(moment, now, "en")) == (thai, english)
