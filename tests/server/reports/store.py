"""Puts cases and people into a store by hand, and counts them."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import Engine, insert, text

from server.models.engine import reading, writing
from server.models.identity import device, role_assignment, user
from server.models.sync_tables import record
from server.reports.counting import Period
from server.reports.provincial import ProvincialReport, provincial_report

NOW = datetime(2024, 9, 2, 3, 0, tzinfo=UTC)
AUGUST = Period(date(2024, 8, 1), date(2024, 8, 31))

PHRAE = {
    "5401": "เมืองแพร่", "5402": "ร้องกวาง", "5403": "ลอง", "5404": "สูงเม่น",
    "5405": "เด่นชัย", "5406": "สอง", "5407": "วังชิ้น", "5408": "หนองม่วงไข่",
}  # fmt: skip


class Store:
    """A centre's store as a test sees it."""

    def __init__(self, engine: Engine, first_id: int = 1) -> None:
        self.engine = engine
        self._ids = (f"{number:036d}" for number in count(first_id))

    def add(self, kind: str, *, deleted: bool = False, merged_into: str | None = None, **data: Any) -> str:
        """Insert a record with these fields and return its id."""
        row = {
            "id": next(self._ids), "type": kind, "version": 1, "created": 1, "owner": "alice", "data": data,
            "field_versions": {}, "by_others": [], "own_buckets": [], "deleted": deleted, "merged_into": merged_into,
        }  # fmt: skip
        with writing(self.engine) as connection:
            connection.execute(insert(record), [row])
        return str(row["id"])

    def add_areas(self) -> None:
        """Insert Phrae, its districts and one of them that was abolished."""
        self.add("area", code="54", name_th="แพร่", name_en="Phrae", level="province")
        for code, name in PHRAE.items():
            self.add("area", code=code, name_th=name, level="district", parent="54")
        self.add("area", code="5499", name_th="เก่า", level="district", parent="54", abolished=True)

    def case(
        self, *, person: dict[str, Any] | str | None = None, state: dict[str, Any] | None = None, **data: Any
    ) -> str:
        """Insert a case received in Mueang Phrae on 15 August 2024, unless ``data`` says otherwise."""
        if isinstance(person, dict):
            person = self.add("person", **person)
        usual = {
            "received_on": "2024-08-15", "intake_channel": "hotline_1300", "intake_district": "5401", "area": "5401",
        }  # fmt: skip
        named = {"affected_person": person} if person else {}
        return self.add("case", **(state or {}), **{**usual, **named, **data})

    def merge(self, kept: str, *merged: str) -> None:
        """Merge records into another."""
        with writing(self.engine) as connection:
            for each in merged:
                connection.execute(record.update().where(record.c.id == each).values(merged_into=kept))

    def device(self, name: str, scope: str, last_contact_at: str, *, revoked_at: str | None = None) -> None:
        """Insert a device of somebody with one role."""
        with writing(self.engine) as connection:
            person = {"id": name, "username": name, "display_name": name, "created_at": "2024-01-01T00:00:00.000Z"}
            connection.execute(insert(user), [person])
            held = {"user": name, "role": "rru_member", "scope": scope, "granted_at": "2024-01-01T00:00:00.000Z"}
            connection.execute(insert(role_assignment), [held])
            row = {
                "id": name, "user": name, "name": name, "platform": "test", "client_version": "1",
                "enrolled_at": "2024-01-01T00:00:00.000Z", "last_contact_at": last_contact_at,
                "revoked_at": revoked_at, "revoked_order": "lost" if revoked_at else None,
            }  # fmt: skip
            connection.execute(insert(device), [row])

    def report(self, period: Period = AUGUST, province: str = "54", now: datetime = NOW) -> ProvincialReport:
        """Count."""
        with reading(self.engine) as connection:
            return provincial_report(connection, province, period, now=now)

    def figures(self, table: str, period: Period = AUGUST, province: str = "54") -> dict[str, int]:
        """Return a table's rows that are not zero in the period."""
        (found,) = (each for each in self.report(period, province).tables if each.id == table)
        return {line.row.id: line.figures.period for line in found.lines if line.figures.period}

    def indexes_used(self, statement: str, **parameters: Any) -> str:
        """Return SQLite's plan for a statement."""
        with reading(self.engine) as connection:
            return "\n".join(
                row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"), parameters)
            )
