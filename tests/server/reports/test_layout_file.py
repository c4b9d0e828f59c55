"""The operator's order of rows: all rows stay, and what cannot be is refused with its reason before anything starts."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from schemas.base import Label
from server.centre import open_centre
from server.config import BadSetting, Settings
from server.reports.layout import Layout
from server.reports.layout_file import RowOrder, layout_from


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "layout.json"


def test_an_empty_file_changes_nothing(file: Path) -> None:
    file.write_text("{}")
    assert layout_from(file) == Layout()


def test_what_is_named_comes_first_and_everything_else_follows(file: Path) -> None:
    file.write_text(json.dumps({"sex": ["female"], "channel": ["line_chat", "walk_in"]}), "utf-8-sig")
    layout = layout_from(file)
    assert [row.id for row in layout.sex] == ["female", "male"]
    assert [row.id for row in layout.channel] == [
        "line_chat", "walk_in", "hotline_1300", "operations_centre", "unlabelled", "ess_line_oa", "agency_referral",
    ]  # fmt: skip
    assert (layout.problem, layout.district_order) == (Layout().problem, Layout().district_order)


def test_districts_are_ordered_per_province(file: Path) -> None:
    file.write_text(json.dumps({"district": {"54": ["5407"], "50": ["5002"]}}))
    layout = layout_from(file)
    phrae = {f"540{number}": Label("", "") for number in range(1, 9)}
    assert [row.id for row in layout.district("54", phrae)] == [
        "5407", "5401", "5405", "5406", "5404", "5402", "5403", "5408",
    ]  # fmt: skip
    assert layout.district_order["50"] == ("5002",)


def test_every_table_of_the_report_can_be_ordered() -> None:
    tables = {each.name.replace("district_order", "district") for each in fields(Layout)}
    assert set(RowOrder.__struct_fields__) == tables


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"channels": []}, "unknown field `channels`"),
        ({"channel": "walk_in"}, "at `$.channel`"),
        ({"channel": ["pigeon_post"]}, "channel has no 'pigeon_post'; there are hotline_1300, "),
        ({"problem": ["other", "violence", "other"]}, "problem names 'other' more than once"),
        ({"district": {"99": []}}, "district has no '99'"),
        ({"district": {"54": ["5001"]}}, "district 54 has no '5001'; there are 5401, "),
        ([], "Expected `object`"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_its_reason(file: Path, said: Any, why: str) -> None:
    file.write_text(json.dumps(said))
    with pytest.raises(BadSetting) as refused:
        layout_from(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert why in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 5000])
def test_what_is_no_json_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(BadSetting, match=r"layout\.json"):
        layout_from(file)


def test_a_centre_does_not_start_with_a_wrong_file(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        open_centre(Settings(data_dir=tmp_path / "data", report_layout_file=tmp_path / "nowhere.json"))
    assert not (tmp_path / "data").exists()
