"""The provincial report of the HuSEC centre (รายงานผลการดำเนินงาน ศรส. จังหวัด): cases by district, channel and so on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, text

from schemas.base import Label
from schemas.report_mapping import UNKNOWN, Row
from schemas.thai import BANGKOK, bangkok_date, fiscal_year
from schemas.vocabulary import VOCABULARIES
from server.reports.counting import Counts, Figures, Period, count
from server.reports.layout import UNKNOWN_ROW, Layout
from server.reports.tables import MENTIONS, Table, mentions, table, total_of
from sync.instants import rfc3339


@dataclass(frozen=True, slots=True)
class ProvincialReport:
    """The report as data: what it is about, how fresh it is, its tables.

    ``unmapped_channels``: stored channels that this version does not know, counted under «อื่น ๆ»; such a report must
    not be frozen. ``silent_devices``: the area's devices not heard of since the period ended, ``None`` while it lasts.
    """

    province: str
    name: Label
    period: Period
    as_of: datetime
    commit: int
    total: Figures
    tables: tuple[Table, ...]
    unmapped_channels: tuple[str, ...]
    silent_devices: int | None

    @property
    def fiscal_year(self) -> int:
        """The fiscal year (พ.ศ.) of the last day."""
        return fiscal_year(self.period.last)

    @property
    def day(self) -> date:
        """The Bangkok day on which it was counted (ข้อมูล ณ)."""
        return bangkok_date(self.as_of)

    @property
    def clock(self) -> str:
        """The time of that day in Bangkok, such as ``10:00``."""
        return self.as_of.astimezone(BANGKOK).strftime("%H:%M")


def provincial_report(
    connection: Connection, province: str, period: Period, *, now: datetime, layout: Layout | None = None
) -> ProvincialReport:
    """Count one province's cases over a period, all in one snapshot of the store."""
    layout = layout or Layout()
    counts = count(connection, province, period)
    districts = layout.district(province, area_names(connection, f"{province}__"))
    return ProvincialReport(
        province=province,
        name=area_names(connection, province).get(province, Label(province, province)),
        period=period,
        as_of=now,
        commit=int(connection.execute(text("SELECT value FROM sync_clock")).scalar_one()),
        total=total_of(counts["sex"].values()),
        tables=laid_out(counts, layout, districts),
        unmapped_channels=tuple(sorted(set(counts["channel"]) - {*VOCABULARIES["channel"].codes, UNKNOWN})),
        silent_devices=silent_devices(connection, province, period, now=now),
    )


def laid_out(counts: Counts, layout: Layout, districts: tuple[Row, ...]) -> tuple[Table, ...]:
    """Return the tables in the order of the published report. A district that is not the province's is «ไม่ระบุ»."""
    group, problem = Label("กลุ่มเป้าหมาย", "Target group"), Label("สภาพปัญหา", "Problem")
    severity, operation = Label("ระดับความรุนแรง", "Severity"), Label("การดำเนินการ", "Operation")
    return (
        table("district", Label("อำเภอ", "District"), districts, counts["district"], rest=UNKNOWN_ROW),
        table("channel", Label("ช่องทางการใช้บริการ", "Channel"), layout.channel, counts["channel"]),
        table("target_group", group, layout.target_group, counts["target_group"]),
        table("problem", problem, layout.problem, mentions(counts["problem"]), note=MENTIONS),
        table("sex", Label("เพศ", "Sex"), layout.sex, counts["sex"], rest=UNKNOWN_ROW),
        table("severity", severity, layout.severity, counts["severity"], rest=UNKNOWN_ROW),
        table("operation", operation, layout.operation, mentions(counts["operation"]), note=MENTIONS),
    )


def area_names(connection: Connection, pattern: str) -> Mapping[str, Label]:
    """Return the names of the areas in force whose codes fit a LIKE pattern."""
    query = text(
        "SELECT code, name_th, name_en FROM view_area WHERE code LIKE :pattern AND NOT COALESCE(abolished, FALSE)"
    )
    rows = connection.execute(query, {"pattern": pattern})
    return {row.code: Label(row.name_th, row.name_en or row.name_th) for row in rows}


SILENT = """
SELECT COUNT(DISTINCT device.id) FROM device
JOIN role_assignment AS held ON held."user" = device."user"
LEFT JOIN view_team AS team ON held.scope = 'team:' || team.id
WHERE device.revoked_at IS NULL AND device.last_contact_at < :ended AND (
    held.scope = 'province:' || :province OR team.province = :province OR team.district LIKE :province || '%'
    OR held.scope LIKE 'district:' || :province || '%' OR held.scope LIKE 'tambon:' || :province || '%'
    OR held.scope LIKE 'village:' || :province || '%')"""


def silent_devices(connection: Connection, province: str, period: Period, *, now: datetime) -> int | None:
    """Count the field devices of a province's people and teams that the centre has not heard of since the period."""
    if period.last >= bangkok_date(now):
        return None
    ended = datetime.combine(period.last + timedelta(days=1), time(), BANGKOK).astimezone(UTC)
    about = {"ended": rfc3339(ended), "province": province}
    return int(connection.execute(text(SILENT), about).scalar_one())
