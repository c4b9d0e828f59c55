"""Read what an officer typed: codes by identifier or label, days in พ.ศ. or ISO, amounts in baht, names of areas."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from field_kit.errors import BadField, BadValue, KitError
from field_kit.finding import find
from field_kit.kit import FieldKit
from field_kit.messages import text
from schemas.base import FieldSpec, RecordType
from schemas.thai import BANGKOK, arabic_digits, parse_thai_date, search_text
from schemas.vocabulary import VOCABULARIES

YES = frozenset({"yes", "y", "true", "1", "ใช่", "มี", "ได้"})
NO = frozenset({"no", "n", "false", "0", "ไม่ใช่", "ไม่", "ไม่มี", "ไม่ได้"})

_YEAR = re.compile(r"([0-9]{4})")
_MONTH = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{4})")
_ASSIGNMENT = re.compile(r"([a-z][a-z0-9_]*)(\+=|-=|=)(.*)", re.DOTALL)


class Typing:
    """Reads values for one record type; ``names`` are records of the same Save, written ``@name``."""

    def __init__(self, kit: FieldKit, kind: RecordType, language: str, names: Mapping[str, str] | None = None) -> None:
        self.kit = kit
        self.kind = kind
        self.language = language
        self.names = names or {}

    def fields(self, assignments: tuple[str, ...], shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return field values from ``name=value``, ``name+=value`` (add), ``name-=value`` (take away).

        :raises BadField: for a name that the type does not have.
        :raises BadValue: for a value that cannot be read.
        """
        values: dict[str, Any] = {}
        for assignment in assignments:
            found = _ASSIGNMENT.fullmatch(assignment)
            if not found:
                raise BadField(field=assignment, type=self.kind.name)
            name, sign, typed = found.groups()
            made = self.value(name, typed)
            if sign != "=":
                name = self.spec(name)[0].name
                before = values.get(name, shown.get(name)) or []
                made = {name: _changed(before, made.get(name) or [], adds=sign == "+=")}
            values |= made
        return values

    def spec(self, name: str) -> tuple[FieldSpec, bool]:
        """Return a field, and whether its value is an amount in baht (``amount`` for ``amount_satang``)."""
        if name in self.kind.fields:
            return self.kind.fields[name], False
        if f"{name}_satang" in self.kind.fields:
            return self.kind.fields[f"{name}_satang"], True
        raise BadField(field=name, type=self.kind.name)

    def value(self, name: str, typed: str) -> dict[str, Any]:
        """Return what one typed value says: the field, and for a partial date its precision beside it."""
        spec, baht = self.spec(name)
        plain = typed.strip()
        if not plain:
            return {spec.name: None}
        precision = f"{spec.name}_precision"
        if spec.kind == "date" and precision in self.kind.fields:
            day, known = self.partial_day(spec, plain)
            return {spec.name: day, precision: known}
        if baht:
            return {spec.name: self.baht(spec, plain)}
        return {spec.name: READERS.get(spec.kind, Typing.as_typed)(self, spec, plain)}

    # --- one method per kind

    def as_typed(self, spec: FieldSpec, typed: str) -> Any:
        """Return the text itself; the declaration judges its form."""
        return typed

    def number(self, spec: FieldSpec, typed: str) -> int | float:
        """Return a number, Thai digits and thousands separators allowed."""
        plain = arabic_digits(typed).replace(",", "")
        try:
            return float(plain) if spec.kind == "number" and not plain.lstrip("-").isdigit() else int(plain)
        except ValueError:
            raise self.bad(spec, typed, "kit.hint.number") from None

    def baht(self, spec: FieldSpec, typed: str) -> int:
        """Return satang for an amount in baht."""
        plain = re.sub("[,฿ ]|บาท", "", arabic_digits(typed))
        whole, _, part = plain.partition(".")
        if not whole.isdigit() or not (part or "0").isdigit() or len(part) > 2:
            raise self.bad(spec, typed, "kit.hint.number")
        return int(whole) * 100 + int((part or "0").ljust(2, "0"))

    def flag(self, spec: FieldSpec, typed: str) -> bool:
        """Return yes or no."""
        plain = typed.casefold()
        if plain in YES or plain in NO:
            return plain in YES
        raise self.bad(spec, typed, "kit.hint.flag")

    def code(self, spec: FieldSpec, typed: str) -> str:
        """Return a code, from its identifier or its label in either language."""
        codes = VOCABULARIES[spec.vocabulary or ""].codes
        if typed in codes:
            return typed
        wanted = search_text(typed)
        for code in codes.values():
            if wanted in (search_text(code.label.th), search_text(code.label.en), search_text(code.code)):
                return code.code
        choices = [f"{code.code} ({getattr(code.label, self.language)})" for code in codes.values()]
        raise self.bad(spec, typed, "kit.hint.code", codes=", ".join(choices))

    def codes(self, spec: FieldSpec, typed: str) -> list[str]:
        """Return several codes, with commas between them."""
        return [self.code(spec, each.strip()) for each in typed.split(",") if each.strip()]

    def day(self, spec: FieldSpec, typed: str) -> str:
        """Return a day as ISO text."""
        found = parse_thai_date(typed)
        if found is None:
            raise self.bad(spec, typed, "kit.hint.date")
        return found.isoformat()

    def partial_day(self, spec: FieldSpec, typed: str) -> tuple[str, str]:
        """Return a day of which perhaps only the year or month is known, and which."""
        plain = arabic_digits(typed)
        if found := _YEAR.fullmatch(plain):
            return self.day(spec, f"1/1/{found[1]}"), "year"
        if found := _MONTH.fullmatch(plain):
            return self.day(spec, f"1/{found[1]}/{found[2]}"), "month"
        return self.day(spec, typed), "day"

    def instant(self, spec: FieldSpec, typed: str) -> str:
        """Return a moment; a day and time without an offset are Bangkok's."""
        try:
            moment = datetime.fromisoformat(typed)
        except ValueError:
            day, _, time = typed.rpartition(" ")
            try:
                moment = datetime.fromisoformat(f"{self.day(spec, day)}T{arabic_digits(time).zfill(5)}")
            except (ValueError, KitError):
                raise self.bad(spec, typed, "kit.hint.instant") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=BANGKOK)).isoformat(timespec="seconds")

    def area(self, spec: FieldSpec, typed: str) -> str:
        """Return an area's code, from itself or from a name that one area on this device has."""
        if arabic_digits(typed).isdigit():
            return typed
        wanted = search_text(typed)
        found = [
            each.data["code"]
            for each in self.kit.search(typed, ["area"], limit=50)
            if wanted in (search_text(each.data.get("name_th", "")), search_text(each.data.get("name_en", "")))
        ]
        if len(found) != 1:
            raise self.bad(spec, typed, "kit.hint.area")
        return str(found[0])

    def reference(self, spec: FieldSpec, typed: str) -> str:
        """Return the id of the record that is meant; ``@name`` is one of the same Save."""
        if typed.startswith("@") and typed[1:] in self.names:
            return self.names[typed[1:]]
        try:
            return find(self.kit.database, typed)
        except KitError:
            raise self.bad(spec, typed, "kit.hint.reference") from None

    def references(self, spec: FieldSpec, typed: str) -> list[str]:
        """Return several records, with commas between them."""
        return [self.reference(spec, each.strip()) for each in typed.split(",") if each.strip()]

    def lines(self, spec: FieldSpec, typed: str) -> list[str]:
        """Return several short texts, with commas between them."""
        return [each.strip() for each in typed.split(",") if each.strip()]

    def structure(self, spec: FieldSpec, typed: str) -> Any:
        """Return what is written as JSON."""
        try:
            return json.loads(typed)
        except ValueError:
            raise self.bad(spec, typed, "kit.hint.json") from None

    def bad(self, spec: FieldSpec, typed: str, hint: str, **parameters: Any) -> BadValue:
        """Return the error for a value that cannot be read."""
        label = str(getattr(spec.label, self.language))
        return BadValue(field=label, value=typed, hint=text(hint, self.language, **parameters))


def _changed(before: list[Any], elements: list[Any], *, adds: bool) -> list[Any]:
    if adds:
        return [*before, *(element for element in elements if element not in before)]
    return [element for element in before if element not in elements]


READERS: Mapping[str, Callable[[Typing, FieldSpec, str], Any]] = {
    "integer": Typing.number,
    "number": Typing.number,
    "money": Typing.number,
    "flag": Typing.flag,
    "code": Typing.code,
    "codes": Typing.codes,
    "date": Typing.day,
    "instant": Typing.instant,
    "area": Typing.area,
    "reference": Typing.reference,
    "references": Typing.references,
    "lines": Typing.lines,
    "phones": Typing.lines,
    "log": Typing.structure,
    "objects": Typing.structure,
    "object": Typing.structure,
    "raw": Typing.structure,
}
"""Kinds whose typed form differs from the stored one."""
