"""A report as a CSV file that a spreadsheet opens as it is: UTF-8 with a mark, two languages, no formulas."""

import csv
import io
from collections.abc import Iterator, Sequence

from schemas.thai import thai_date
from server.reports.counting import Figures
from server.reports.provincial import ProvincialReport
from server.reports.tables import Table
from sync.instants import rfc3339

MARK = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for a Windows code page and shows Thai as signs."""

HEADERS = (
    "ตาราง Table",
    "รหัส Code",
    "รายการ",
    "Item",
    "ช่วงรายงาน Period",
    "เดือนสุดท้าย Last month",
    "สะสม Since 1 October",
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(report: ProvincialReport) -> str:
    """Return the report, first what it is about, then each table with its sum."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for cells in (HEADERS, *about(report), *(row for table in report.tables for row in rows(table))):
        writer.writerow([safe(cell) for cell in cells] + [""] * (len(HEADERS) - len(cells)))
    return MARK + file.getvalue()


def about(report: ProvincialReport) -> Iterator[Sequence[object]]:
    """Yield the rows that say what the figures are of, and how fresh."""
    first, last = report.period.first, report.period.last
    silent = "" if report.silent_devices is None else report.silent_devices
    yield "report", report.province, f"จังหวัด{report.name.th}", report.name.en
    yield "report", "period", f"{thai_date(first)} – {thai_date(last)}", f"{first} – {last}"
    yield "report", "as_of", f"ข้อมูล ณ {thai_date(report.day)} {report.clock} น.", rfc3339(report.as_of)
    yield "report", "silent_devices", "เครื่องภาคสนามที่ยังไม่ติดต่อหลังสิ้นช่วง", "Devices not heard of since", silent
    yield "report", "total", "จำนวนกรณีทั้งสิ้น", "Cases in total", *numbers(report.total)


def rows(table: Table) -> Iterator[Sequence[object]]:
    """Yield the rows of one table and their sum, whose item says when mentions are counted."""
    for line in table.lines:
        yield table.id, line.row.id, line.row.label.th, line.row.label.en, *numbers(line.figures)
    note = (f" ({table.note.th})", f" ({table.note.en})") if table.note else ("", "")
    yield table.id, "total", f"รวม{note[0]}", f"Total{note[1]}", *numbers(table.total)


def numbers(figures: Figures) -> tuple[int, int, int]:
    """Return the three columns of figures."""
    return figures.period, figures.month, figures.cumulative


def safe(cell: object) -> object:
    """Return a cell that no spreadsheet runs: a text that would be a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
