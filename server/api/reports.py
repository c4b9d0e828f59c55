"""Reports: the provincial report as JSON and as a CSV file."""

from datetime import date
from typing import Any

import msgspec
from flask import Response

from schemas.base import Label
from schemas.fields import Area, Date, Line
from schemas.rules import Pattern
from server.access_log import logs, shows, shows_nothing
from server.auth.current import current_viewer, permission
from server.auth.roles import Assignment, allows
from server.centre import current_centre
from server.models.engine import reading
from server.reports.counting import Figures, Period
from server.reports.csv_form import as_csv
from server.reports.provincial import ProvincialReport, provincial_report
from server.reports.tables import Table
from server.resource import Body, Resource, answers, raises
from sync.errors import NotPermitted, ValidationFailed
from sync.instants import rfc3339

blp = Resource("reports", __name__, url_prefix="/api/v1/reports", description="Reports")

ProvincialQuery = Body.from_dict(
    {
        "province": Area("จังหวัด", "Province", digits=(2,), required=True),
        "from": Date("ตั้งแต่วันที่", "First day", required=True),
        "to": Date("ถึงวันที่", "Last day", required=True),
        "format": Line("รูปแบบ", "Form", rules=(Pattern("json|csv"),)),
    },
    name="ProvincialQuery",
)


class ReportLabel(msgspec.Struct, frozen=True):
    """A text in both languages."""

    th: str
    en: str


class ReportFigures(msgspec.Struct, frozen=True):
    """A figure in the period, in the month in which it ends, and since 1 October before its end."""

    period: int
    month: int
    cumulative: int


class ReportRow(msgspec.Struct, frozen=True):
    """One printed row."""

    id: str
    label: ReportLabel
    figures: ReportFigures


class ReportTable(msgspec.Struct, frozen=True):
    """One table in order of print. With a ``note`` it counts mentions; without one its total is the report's."""

    id: str
    title: ReportLabel
    note: ReportLabel | None
    rows: list[ReportRow]
    total: ReportFigures


class ProvincialReportBody(msgspec.Struct, frozen=True):
    """The report. ``commit``: what had reached the centre. ``silent_devices``: null while the period lasts."""

    province: str
    name: ReportLabel
    first_day: str
    last_day: str
    month_from: str
    cumulative_from: str
    fiscal_year: int
    as_of: str
    commit: int
    total: ReportFigures
    tables: list[ReportTable]
    unmapped_channels: list[str]
    silent_devices: int | None


@blp.route("/provincial", methods=["GET"])
@permission("report", "read")
@logs("export")
@raises(ValidationFailed)
@answers(ProvincialReportBody)
@blp.arguments(ProvincialQuery, location="query")
def provincial(given: dict[str, Any]) -> ProvincialReportBody | Response:
    """Count a province's cases over a period of intake days; ``format=csv`` gives a file for a spreadsheet."""
    centre, province = current_centre(), given["province"]
    if not may_read(current_viewer().roles, province):
        raise NotPermitted(needs="report.read")
    period = _period(given["from"], given["to"])
    with reading(centre.engine) as connection:
        report = provincial_report(connection, province, period, now=centre.now(), layout=centre.layout)
    if given.get("format") != "csv":
        shows_nothing()  # figures, and nothing of any record
        return _body(report)
    shows((), "provincial", province=province, first_day=given["from"], last_day=given["to"])
    return _file(report)


def may_read(roles: tuple[Assignment, ...], province: str) -> bool:
    """Tell whether roles reach a whole province's report: held over that province, or over the nation."""
    whole = ("nation", f"province:{province}")
    return any(held.scope in whole and allows(held.role, "report", "read") for held in roles)


def _period(first: str, last: str) -> Period:
    if last < first:
        raise ValidationFailed(errors={"to": [{"code": "out_of_range", "min": first, "max": "2300-12-31"}]})
    return Period(date.fromisoformat(first), date.fromisoformat(last))


def _file(report: ProvincialReport) -> Response:
    name = f"provincial-{report.province}-{report.period.first}-{report.period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(as_csv(report), headers=headers, content_type="text/csv; charset=utf-8")


def _body(report: ProvincialReport) -> ProvincialReportBody:
    return ProvincialReportBody(
        province=report.province,
        name=_label(report.name),
        first_day=report.period.first.isoformat(),
        last_day=report.period.last.isoformat(),
        month_from=report.period.month_start.isoformat(),
        cumulative_from=report.period.cumulative_start.isoformat(),
        fiscal_year=report.fiscal_year,
        as_of=rfc3339(report.as_of),
        commit=report.commit,
        total=_figures(report.total),
        tables=[_table(table) for table in report.tables],
        unmapped_channels=list(report.unmapped_channels),
        silent_devices=report.silent_devices,
    )


def _table(table: Table) -> ReportTable:
    rows = [ReportRow(line.row.id, _label(line.row.label), _figures(line.figures)) for line in table.lines]
    note = _label(table.note) if table.note else None
    return ReportTable(table.id, _label(table.title), note, rows, _figures(table.total))


def _label(label: Label) -> ReportLabel:
    return ReportLabel(label.th, label.en)


def _figures(figures: Figures) -> ReportFigures:
    return ReportFigures(figures.period, figures.month, figures.cumulative)
