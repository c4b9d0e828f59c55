"""Who may fetch the provincial report, and what they get."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.centre import TestCentre
from tests.server.reports.store import Store

AUGUST = "/api/v1/reports/provincial?province=54&from=2024-08-01&to=2024-08-31"


@pytest.fixture
def phrae(centre: TestCentre) -> TestCentre:
    """Give a centre with two cases of Phrae in August 2024."""
    store = Store(centre.centre.engine)
    store.add_areas()
    store.case(person={"sex": "female", "age_band": "60_over"}, problems=["violence", "other"])
    store.case(person={"sex": "male", "has_disability": True}, intake_district="5408", intake_channel="walk_in")
    return centre


def test_a_social_worker_of_the_province_gets_the_report(phrae: TestCentre) -> None:
    reply = phrae.staff("social_worker@province:54").get(AUGUST)
    assert reply.status_code == 200
    report = reply.json
    tables = {table["id"]: table for table in report.pop("tables")}
    assert report == {
        "province": "54",
        "name": {"th": "แพร่", "en": "Phrae"},
        "first_day": "2024-08-01",
        "last_day": "2024-08-31",
        "month_from": "2024-08-01",
        "cumulative_from": "2023-10-01",
        "fiscal_year": 2567,
        "as_of": "2026-11-23T02:00:00.000Z",
        "commit": report["commit"],
        "total": {"period": 2, "month": 2, "cumulative": 2},
        "unmapped_channels": [],
        "silent_devices": 0,
    }
    assert tables["district"]["rows"][0] == {
        "id": "5401",
        "label": {"th": "เมืองแพร่", "en": "เมืองแพร่"},
        "figures": {"period": 1, "month": 1, "cumulative": 1},
    }
    assert tables["problem"]["note"]["en"].startswith("Counted as mentions")
    assert [table["total"]["period"] for table in tables.values() if not table["note"]] == [2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("intake_officer@province:54", 200),
        ("social_worker@province:54", 200),
        ("approver@province:54", 200),
        ("inspector@nation", 200),
        ("national_staff@nation", 200),
        ("group_staff@province:54", 200),
        ("social_worker@province:10", 403),
        ("social_worker@district:5401", 403),
        ("administrator@nation", 403),
        ("rru_member@province:54", 403),
        ("volunteer@village:54010103", 403),
    ],
)
def test_a_report_is_for_those_whose_role_covers_the_whole_province(phrae: TestCentre, role: str, status: int) -> None:
    assert phrae.staff(role).get(AUGUST).status_code == status


def test_a_role_that_reads_reports_elsewhere_does_not_help_here(phrae: TestCentre) -> None:
    alice = phrae.staff("social_worker@province:10", "rru_member@province:54")
    assert alice.get(AUGUST).json["code"] == "not_permitted"


def test_nobody_gets_a_report_without_a_token(phrae: TestCentre) -> None:
    assert phrae.client.get(AUGUST).status_code == 401


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "province"),
        ("?province=54", "from"),
        ("?province=5401&from=2024-08-01&to=2024-08-31", "province"),
        ("?province=54&from=2567-08-01&to=2567-08-31", "from"),
        ("?province=54&from=2024-08-01&to=2024-07-31", "to"),
        ("?province=54&from=2024-08-01&to=2024-08-32", "to"),
        ("?province=54&from=2024-08-01&to=2024-08-31&format=pdf", "format"),
    ],
)
def test_a_query_that_cannot_be_is_refused_by_field(phrae: TestCentre, query: str, field: str) -> None:
    reply = phrae.staff("inspector@nation").get(f"/api/v1/reports/provincial{query}")
    assert (reply.status_code, reply.json["code"]) == (422, "validation_failed")
    assert field in reply.json["errors"]


def test_the_csv_opens_in_a_spreadsheet(phrae: TestCentre) -> None:
    reply = phrae.staff("inspector@nation").get(f"{AUGUST}&format=csv")
    assert reply.content_type == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="provincial-54-2024-08-01-2024-08-31.csv"'
    text = reply.data.decode("utf-8-sig")
    assert reply.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:4] == ["ตาราง Table", "รหัส Code", "รายการ", "Item"]
    assert ["district", "5401", "เมืองแพร่", "เมืองแพร่", "1", "1", "1"] in rows
    assert ["district", "total", "รวม", "Total", "2", "2", "2"] in rows
    assert ["report", "as_of", "ข้อมูล ณ 23 พฤศจิกายน 2569 09:00 น.", "2026-11-23T02:00:00.000Z", "", "", ""] in rows
    assert {len(row) for row in rows} == {7}


def test_the_rows_come_in_the_order_that_the_operator_set(
    open_centre_with: Callable[..., TestCentre], tmp_path: Path
) -> None:
    order = {"district": {"54": ["5408", "5401"]}, "channel": ["walk_in"], "problem": ["violence"]}
    (tmp_path / "layout.json").write_text(json.dumps(order))
    centre = open_centre_with(report_layout_file=tmp_path / "layout.json")
    Store(centre.centre.engine).add_areas()
    tables = {table["id"]: table for table in centre.staff("inspector@nation").get(AUGUST).json["tables"]}
    printed = {name: [row["id"] for row in tables[name]["rows"]][:3] for name in ("district", "channel", "problem")}
    assert printed == {
        "district": ["5408", "5401", "5405"],
        "channel": ["walk_in", "hotline_1300", "operations_centre"],
        "problem": ["violence", "income_livelihood", "rights_welfare_law"],
    }


def test_a_name_that_would_be_a_formula_is_only_text(phrae: TestCentre) -> None:
    Store(phrae.centre.engine, first_id=1000).add("area", code="5409", name_th="=1+1", name_en="@x", level="district")
    reply = phrae.staff("inspector@nation").get(f"{AUGUST}&format=csv")
    assert "district,5409,'=1+1,'@x,0,0,0\r\n" in reply.text
