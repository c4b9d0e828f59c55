"""The quick way through: a msgspec type and a few checks, both derived from a declaration.

``acceptor`` says yes only where marshmallow would return the same data without an error (a property test holds them
together). It may say no to something good; then marshmallow is asked. It never says what is wrong.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal
from unicodedata import is_normalized

import msgspec
from marshmallow import ValidationError

from schemas import vocabulary

if TYPE_CHECKING:
    from schemas.field_spec import FieldSpec
    from schemas.rules import RecordRule

Check = Callable[[Any], Any]

_is_uuid = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_has_form_of_day = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


_REFUSALS = (msgspec.ValidationError, ValidationError, UnicodeError)


def value_test(spec: "FieldSpec") -> Check:
    """Return the test of one value of a field."""
    convert, kind, checks = msgspec.convert, _kind(spec), _checks(spec)

    def is_stored_form(value: Any) -> bool:
        try:
            convert(value, kind)
            return all(check(value) for check in checks)
        except _REFUSALS:
            return False

    return is_stored_form


def acceptor(
    name: str, fields: Mapping[str, "FieldSpec"], record_rules: Sequence["RecordRule"]
) -> Callable[[Any], bool]:
    """Return the test of one record type."""
    shape = _shape(name, fields)
    checks = [(spec.name, check) for spec in fields.values() for check in _checks(spec)]
    rules = [rule.holds for rule in record_rules]
    convert = msgspec.convert

    def accepts(data: Any) -> bool:
        try:
            convert(data, shape)
            for field, check in checks:
                if field in data and not check(data[field]):
                    return False
        except _REFUSALS:
            return False
        return all(holds(data) for holds in rules)

    return accepts


def _shape(name: str, fields: Mapping[str, "FieldSpec"]) -> type[msgspec.Struct]:
    members: list[Any] = []
    for spec in fields.values():
        kind = _kind(spec)
        members.append((spec.name, kind) if spec.required else (spec.name, kind | msgspec.UnsetType, msgspec.UNSET))
    return msgspec.defstruct(name, members, forbid_unknown_fields=True, kw_only=True, gc=False)


_FILLED = msgspec.Meta(min_length=1)
_PLAIN: Mapping[str, Any] = {
    "flag": bool,
    "number": int | float,
    "references": Annotated[list[str], _FILLED],
    "lines": Annotated[list[str], _FILLED],
    "phones": Annotated[list[str], _FILLED],
    "object": dict,
    "objects": Annotated[list[dict[str, Any]], _FILLED],
    "log": Annotated[list[dict[str, Any]], _FILLED],
    "raw": Any,
}
"""Kind -> msgspec type, where nothing else is declared; every other kind is text."""


def _kind(spec: "FieldSpec") -> Any:
    """Return the msgspec type of a field; empty texts and lists are left to marshmallow."""
    rules = {rule["rule"]: rule for rule in spec.rules}
    match spec.kind:
        case "integer" | "money":
            return Annotated[int, msgspec.Meta(ge=rules["range"]["min"], le=rules["range"]["max"])]
        case "code":
            return _codes(spec)
        case "codes":
            return Annotated[list[_codes(spec)], _FILLED]  # type: ignore[misc]  # made at run time
        case "line" | "text":
            limits = rules["length"]
            return Annotated[str, msgspec.Meta(min_length=max(limits["min"], 1), max_length=limits["max"])]
        case kind:
            return _PLAIN.get(kind, str)


def _codes(spec: "FieldSpec") -> Any:
    return Literal[tuple(vocabulary.VOCABULARIES[str(spec.vocabulary)].codes)]


def _checks(spec: "FieldSpec") -> list[Check]:
    """Return what is left to ask once the type fits."""
    match spec.kind:
        case "flag" | "code":
            return []
        case "integer" | "money":
            return [lambda value: type(value) is int]
        case "number":
            return [_is_number_within(**_limits(spec))]
        case "codes" | "references":
            return [_is_sorted_set, *([] if spec.kind == "codes" else [_unchanged(spec)])]
        case "line" | "text":
            patterns = [re.compile(rule["regex"]).fullmatch for rule in spec.rules if rule["rule"] == "pattern"]
            return [is_stored_line if spec.kind == "line" else is_stored_text, *patterns]
        case "reference" | "user" | "id":
            return [_is_uuid]
        case "date":
            return [_is_day]
        case _:
            return [_unchanged(spec)]


def _unchanged(spec: "FieldSpec") -> Check:
    """Ask marshmallow about one field."""
    deserialize = spec.marshmallow.deserialize

    def unchanged(value: Any) -> bool:
        stored = deserialize(value)
        return stored not in (None, []) and type(stored) is type(value) and bool(stored == value)

    return unchanged


def is_stored_line(text: str) -> bool:
    """Tell whether a text surely is the stored form of itself, on one line.

    What is not printable (control characters, lone surrogates, every space but the plain one) is left to marshmallow.
    """
    if not text.isprintable() or text[0] == " " or text[-1] == " ":
        return False
    return text.isascii() or ("\u0e4d" not in text and is_normalized("NFC", text))


def is_stored_text(text: str) -> bool:
    """Tell the same of a text of several lines."""
    if "\n" not in text:
        return is_stored_line(text)
    if text[0] in " \n" or text[-1] in " \n":
        return False
    return is_stored_line(text.replace("\n", "-"))


def _is_sorted_set(value: list[str]) -> bool:
    return sorted(set(value)) == value


def _limits(spec: "FieldSpec") -> dict[str, float]:
    limits = next(rule for rule in spec.rules if rule["rule"] == "range")
    return {"least": limits["min"], "most": limits["max"]}


def _is_number_within(least: float, most: float) -> Check:
    def is_number_within(value: float) -> bool:
        if type(value) is float and value.is_integer():  # stored as an integer
            return False
        return type(value) is not bool and least <= value <= most

    return is_number_within


@lru_cache(maxsize=50_000)
def _is_day(text: str) -> bool:
    try:
        return bool(_has_form_of_day(text)) and 1800 <= date.fromisoformat(text).year <= 2300
    except ValueError:
        return False
