"""Show records to people: labels for codes, names for ids, days in พ.ศ. for Thai, dangers first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import click

from field_kit.cli.layout import columns, pairs
from field_kit.cli.naming import Names
from field_kit.finding import short
from field_kit.kit import FieldKit
from field_kit.messages import text
from field_kit.store import Record
from schemas.base import FieldSpec
from schemas.checks import read_back_national_id
from schemas.messages import catalogue as common_catalogue
from schemas.records import RECORD_TYPES
from schemas.thai import BANGKOK, BUDDHIST_ERA, thai_date
from schemas.vocabulary import VOCABULARIES

DANGERS = "danger_notes"
DANGER_SIGN = "⚠"

STRUCTURES = ("log", "objects", "object")
"""Kinds made of objects."""

NOT_SHOWN = frozenset({"id", "sha256"})
"""Kinds that say nothing to people."""


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


def lately(value: str, now: datetime, language: str) -> str:
    """Return a moment as people say it: today or yesterday by name."""
    local, today = datetime.fromisoformat(value).astimezone(BANGKOK), now.astimezone(BANGKOK).date()
    known = {today: "kit.today", today - timedelta(days=1): "kit.yesterday"}.get(local.date())
    said = text(known, language) if known else day(local.date().isoformat(), language)
    return text("kit.at", language, day=said, time=f"{local:%H:%M}")


def code_label(vocabulary: str, code: str, language: str) -> str:
    """Return a code's label; one that this version does not know shows itself."""
    known = VOCABULARIES[vocabulary].codes.get(code)
    return str(getattr(known.label, language)) if known else code


def type_label(kind: str, language: str) -> str:
    """Return a type's label."""
    known = RECORD_TYPES.get(kind)
    return str(getattr(known.label, language)) if known else kind


def spec_of(kind: str, name: str) -> FieldSpec | None:
    """Return a field's declaration, if this version knows it."""
    known = RECORD_TYPES.get(kind)
    return known.fields.get(name) if known else None


def field_label(kind: str, name: str, language: str) -> str:
    """Return a field's label."""
    spec = spec_of(kind, name)
    return str(getattr(spec.label, language)) if spec else name


def mark(record: Record, language: str) -> str:
    """Return what stands beside a record that has not reached the centre."""
    return text("kit.unsent", language) if record.unsent else ""


class Display:
    """Shows what one open device holds, in one language."""

    def __init__(self, kit: FieldKit, language: str) -> None:
        self.kit = kit
        self.language = language
        self.names = Names(kit.database, language)

    # --- values

    def value(self, spec: FieldSpec | None, value: Any, data: Mapping[str, Any]) -> str:
        """Return one value as people read it."""
        if value is None:
            return "–"
        if isinstance(value, list) and (spec is None or spec.kind not in STRUCTURES):
            return self.several(spec, value, data)
        if spec is None:
            return str(value)
        if spec.vocabulary and isinstance(value, str):
            return code_label(spec.vocabulary, value, self.language)
        stored, shown = BY_KIND.get(spec.kind, (object, None))
        return shown(self, spec, value, data) if shown and isinstance(value, stored) else str(value)

    # one method per kind

    def _day(self, spec: FieldSpec, value: str, data: Mapping[str, Any]) -> str:
        return day(value, self.language, str(data.get(f"{spec.name}_precision", "day")))

    def _moment(self, spec: FieldSpec, value: str, data: Mapping[str, Any]) -> str:
        return moment(value, self.language)

    def _flag(self, spec: FieldSpec, value: bool, data: Mapping[str, Any]) -> str:  # noqa: FBT001  # it is what is shown
        return text("kit.yes" if value else "kit.no", self.language)

    def _money(self, spec: FieldSpec, value: int, data: Mapping[str, Any]) -> str:
        return f"{value / 100:,.2f} ฿"

    def _identifier(self, spec: FieldSpec, value: str, data: Mapping[str, Any]) -> str:
        return read_back_national_id(value) if data.get("id_type") == "national_id" else value

    def _area(self, spec: FieldSpec, value: str, data: Mapping[str, Any]) -> str:
        return self.names.area(value)

    def _user(self, spec: FieldSpec, value: str, data: Mapping[str, Any]) -> str:
        return self.names.user(value)

    def _reference(self, spec: FieldSpec, value: str, data: Mapping[str, Any]) -> str:
        return self.named(value)

    def _structure(self, spec: FieldSpec, value: Any, data: Mapping[str, Any]) -> str:
        return "\n".join(self._element(spec, each) for each in (value if isinstance(value, list) else [value]))

    def several(self, spec: FieldSpec | None, values: Sequence[Any], data: Mapping[str, Any]) -> str:
        """Return the elements of a list; those that name records stand on lines of their own."""
        between = "\n" if spec and spec.kind == "references" else ", "
        return between.join(self.value(spec, each, data) for each in values)

    def _element(self, spec: FieldSpec, element: Mapping[str, Any]) -> str:
        declared = spec.element or {}
        shown = {name: declared.get(name) for name in element if name != "id"}
        kept = [name for name, part in shown.items() if part is None or part.kind not in NOT_SHOWN]
        return " · ".join(self.value(shown[name], element[name], element) for name in kept)

    # --- records

    def named(self, record: str) -> str:
        """Return what a record that another one names is about, or the end of its id when it is not here."""
        found = self.kit.get(record)
        about = self.summary(found) if found else ""
        return about if about not in ("", "–") else short(record)

    def summary(self, record: Record) -> str:
        """Return the one line that says which record it is."""
        data = record.data
        match record.type:
            case "conflict":
                kind, name = str(data.get("record_type")), str(data.get("field"))
                return f"{type_label(kind, self.language)}: {field_label(kind, name, self.language)}"
            case "notice":
                return " ".join([moment(str(data["at"]), self.language)] * ("at" in data) + [self._notice(data)])
        known = RECORD_TYPES.get(record.type)
        names = [name for name in (known.summary if known else ()) if data.get(name) is not None]
        parts = [str(data[n]) if n == "code" else self.value(spec_of(record.type, n), data[n], data) for n in names]
        return " ".join(parts) or "–"

    def _notice(self, data: Mapping[str, Any]) -> str:
        key = f"notice.{data.get('code')}"
        return text(key, self.language) if key in common_catalogue(self.language) else "–"

    def records(self, records: Iterable[Record], width: int) -> Iterator[str]:
        """Yield one line per record, the column heads first. A record with danger notes carries a sign."""
        heads = [text(f"kit.column.{name}", self.language) for name in ("id", "kind", "state", "about")]
        rows = [
            [
                short(record.id),
                type_label(record.type, self.language),
                mark(record, self.language),
                f"{DANGER_SIGN} {self.summary(record)}" if record.data.get(DANGERS) else self.summary(record),
            ]
            for record in records
        ]
        if not any(row[2] for row in rows):
            heads[2] = ""
        head, *lines = columns([heads, *rows], width)
        yield click.style(head, dim=True)
        for line in lines:
            yield line.replace(DANGER_SIGN, click.style(DANGER_SIGN, fg="red", bold=True), 1)

    def record(self, record: Record, width: int) -> Iterator[str]:
        """Yield everything about one record: what it is, dangers, then its fields in their order."""
        title = f"{type_label(record.type, self.language)} {short(record.id)}"
        unsent = click.style(f"  {mark(record, self.language)}", fg="yellow") if record.unsent else ""
        yield click.style(title, bold=True) + unsent
        if dangers := record.data.get(DANGERS):
            said = f"{DANGER_SIGN} {field_label(record.type, DANGERS, self.language)}: {dangers}"
            yield from (click.style(line, fg="red", bold=True) for line in columns([[said]], width))
        known = RECORD_TYPES.get(record.type)
        fields = known.fields if known else {}
        order = [
            *(name for name in fields if name in record.data),
            *(name for name in record.data if name not in fields),
        ]
        yield from pairs([self._row(record, name) for name in order if self._is_shown(record, name)], width)

    def _is_shown(self, record: Record, name: str) -> bool:
        """Tell whether a field has a line of its own: a precision is seen in its date, a danger has been said."""
        spec = spec_of(record.type, name)
        told = name == DANGERS or (name.endswith("_precision") and name.removesuffix("_precision") in record.data)
        if record.type == "notice" and name == "detail":
            return False  # the outbox says it, in words
        return record.data[name] is not None and not told and not (spec and spec.kind in NOT_SHOWN)

    def _row(self, record: Record, name: str) -> tuple[str, str]:
        spec = spec_of(record.type, name)
        return field_label(record.type, name, self.language), self.value(spec, record.data[name], record.data)

    # --- conflicts

    def contested(self, found: Iterable[Record], width: int) -> Iterator[str]:
        """Yield the contested answers of each record together, under what the record is."""
        by_record: dict[str, list[Record]] = {}
        for each in found:
            by_record.setdefault(str(each.data["record"]), []).append(each)
        for number, (record, conflicts) in enumerate(by_record.items()):
            kind = type_label(str(conflicts[0].data["record_type"]), self.language)
            yield from [""] * bool(number)
            yield click.style(f"{kind} {short(record)}  {self.named(record)}", bold=True)
            for each in conflicts:
                yield from self._conflict(each, width)

    def _conflict(self, found: Record, width: int) -> Iterator[str]:
        """Yield one contested answer: the field, then each value with whose it is."""
        data = found.data
        kind, name = str(data.get("record_type")), str(data.get("field"))
        yield click.style(f"  {field_label(kind, name, self.language)}", bold=True)
        rows = [(text("kit.column.centre", self.language), self._contested(kind, name, data.get("central_value")))]
        for each in data.get("contenders") or []:
            mine = each.get("user") == self.kit.identity.owner
            label = text("kit.column.mine" if mine else "kit.column.others", self.language)
            rows.append((label, self._contested(kind, name, each.get("value"))))
        if decided := data.get("resolution"):
            rows.append((text("kit.column.decided", self.language), self._contested(kind, name, decided.get("value"))))
            rows += [(text("kit.column.reason", self.language), str(decided["reason"]))] * bool(decided.get("reason"))
        yield from columns([list(row) for row in rows], width, indent=4)

    def _contested(self, kind: str, name: str, value: Any) -> str:
        return self.value(spec_of(kind, name), value, {})


BY_KIND: Mapping[str, tuple[type, Callable[[Display, FieldSpec, Any, Mapping[str, Any]], str]]] = {
    "date": (str, Display._day),
    "instant": (str, Display._moment),
    "flag": (bool, Display._flag),
    "money": (int, Display._money),
    "identifier": (str, Display._identifier),
    "area": (str, Display._area),
    "user": (str, Display._user),
    "reference": (str, Display._reference),
    "references": (str, Display._reference),
    **dict.fromkeys(STRUCTURES, (object, Display._structure)),
}
"""Kinds whose shown form differs from the stored one: the type of what is stored, and how it is shown."""


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
