"""Show records to people: labels for codes, days in พ.ศ. for Thai, dangers first."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from field_kit.finding import short
from field_kit.messages import text
from field_kit.store import Record
from schemas.base import FieldSpec
from schemas.checks import read_back_national_id
from schemas.records import RECORD_TYPES
from schemas.thai import BANGKOK, BUDDHIST_ERA, thai_date
from schemas.vocabulary import VOCABULARIES

DANGERS = "danger_notes"


def day(value: str, language: str, precision: str = "day") -> str:
    """Return a day as it is shown: 23/11/2569 in Thai, ISO in English; less of it when less is known."""
    if precision != "day":
        return (
            thai_date(value, precision=precision)
            if language == "th"
            else value[: {"year": 4, "month": 7}.get(precision, 0)]
        )
    if language != "th":
        return value
    found = date.fromisoformat(value)
    return f"{found.day}/{found.month}/{found.year + BUDDHIST_ERA}"


def moment(value: str, language: str) -> str:
    """Return a moment by Bangkok's clock."""
    local = datetime.fromisoformat(value).astimezone(BANGKOK)
    return f"{day(local.date().isoformat(), language)} {local:%H:%M}"


def shown_value(spec: FieldSpec | None, value: Any, language: str, data: Mapping[str, Any]) -> str:
    """Return one value as people read it."""
    if spec is None:
        return str(value)
    if spec.vocabulary and isinstance(value, str | list):
        return ", ".join(
            code_label(spec.vocabulary, code, language) for code in ([value] if isinstance(value, str) else value)
        )
    match spec.kind, value:
        case "date", str():
            return day(value, language, str(data.get(f"{spec.name}_precision", "day")))
        case "instant", str():
            return moment(value, language)
        case "flag", bool():
            return text("kit.yes" if value else "kit.no", language)
        case "money", int():
            return f"{value / 100:,.2f} ฿"
        case "identifier", str() if data.get("id_type") == "national_id":
            return read_back_national_id(value)
        case "log" | "objects" | "object", _:
            return "\n".join(
                _element(spec, element, language) for element in (value if isinstance(value, list) else [value])
            )
        case _, list():
            return ", ".join(str(each) for each in value)
    return str(value)


def code_label(vocabulary: str, code: str, language: str) -> str:
    """Return a code's label; one that this version does not know shows itself."""
    known = VOCABULARIES[vocabulary].codes.get(code)
    return str(getattr(known.label, language)) if known else code


def _element(spec: FieldSpec, element: Mapping[str, Any], language: str) -> str:
    declared = spec.element or {}
    shown = {
        name: shown_value(declared.get(name), value, language, element)
        for name, value in element.items()
        if name != "id"
    }
    return " · ".join(shown.values())


def summary(record: Record, language: str) -> str:
    """Return the one line that says which record it is."""
    known = RECORD_TYPES.get(record.type)
    names = known.summary if known else ()
    fields = known.fields if known else {}
    parts = [
        shown_value(fields.get(name), record.data[name], language, record.data) for name in names if name in record.data
    ]
    return " ".join(parts) or "–"


def type_label(kind: str, language: str) -> str:
    """Return a type's label."""
    known = RECORD_TYPES.get(kind)
    return str(getattr(known.label, language)) if known else kind


def mark(record: Record, language: str) -> str:
    """Return what stands beside a record that has not reached the centre."""
    return text("kit.unsent", language) if record.unsent else ""


def records_table(records: Iterable[Record], language: str) -> Table:
    """Return a table with one line per record."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("kit.column.id", "kit.column.kind", "kit.column.about", "kit.column.state"):
        table.add_column(text(column, language), overflow="fold")
    for record in records:
        table.add_row(
            short(record.id), type_label(record.type, language), summary(record, language), mark(record, language)
        )
    return table


def record_table(record: Record, language: str) -> Table:
    """Return everything about one record, dangers first."""
    known = RECORD_TYPES.get(record.type)
    fields = known.fields if known else {}
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    order = [
        DANGERS,
        *(name for name in fields if name != DANGERS),
        *(name for name in record.data if name not in fields),
    ]
    for name in order:
        if name not in record.data:
            continue
        spec = fields.get(name)
        label = str(getattr(spec.label, language)) if spec else name
        style = "bold red" if name == DANGERS else ""
        table.add_row(Text(label, style), Text(shown_value(spec, record.data[name], language, record.data), style))
    return table


def as_data(record: Record) -> dict[str, Any]:
    """Return a record for programs."""
    return {
        "id": record.id,
        "type": record.type,
        "version": record.version,
        "unsent": record.unsent,
        "awaiting": record.awaiting,
        "data": record.data,
    }
