"""What the declaration of a body's field says as JSON Schema: limits, closed lists, what it means."""

import re
from typing import Any

from schemas.base import Declared
from schemas.fields import Area, Codes, Id, Lines, References
from schemas.fields.links import UUID_FORM
from schemas.rules import Length, Pattern, Range, Rule

ELEMENTS: dict[type, dict[str, Any]] = {
    References: {"type": "string", "pattern": f"^{UUID_FORM}$"},
    Codes: {"type": "string"},
    Lines: {"type": "string", "maxLength": Lines.element_length_max},
}
"""What a list of a kind is made of."""

_CHOICE = re.compile("[a-z_]+([|][a-z_]+)+")


def said_of(field: Any, ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Return the JSON Schema of a field beyond its type; ``ret`` has what is known of it so far."""
    if not isinstance(field, Declared):
        return {}
    found: dict[str, Any] = dict(getattr(field, "json_schema", {})) | {"description": _meaning(field)}
    for rule in field.rules:
        found |= _limits(rule, ret.get("type"))
    return found | _form(field)


def _meaning(field: Declared) -> str:
    label = f"{field.label.th} · {field.label.en}"
    return f"{label}: {field.hint.en}" if field.hint else label


def _limits(rule: Rule, type_: Any) -> dict[str, Any]:
    if isinstance(rule, Length):
        names = ("minItems", "maxItems") if type_ == "array" else ("minLength", "maxLength")
        return {name: limit for name, limit in zip(names, (rule.min, rule.max), strict=True) if limit}
    if isinstance(rule, Range):
        return {"minimum": rule.min, "maximum": rule.max}
    if isinstance(rule, Pattern):
        return {"enum": rule.regex.split("|")} if _CHOICE.fullmatch(rule.regex) else {"pattern": f"^({rule.regex})$"}
    return {}


def _form(field: Declared) -> dict[str, Any]:
    """Return the form of the kinds whose values have one."""
    for kind, element in ELEMENTS.items():
        if isinstance(field, kind):
            return {"items": element}
    if isinstance(field, Area):
        return {"pattern": f"^({'|'.join(f'[0-9]{{{digits}}}' for digits in field.digits)})$"}
    return {"pattern": f"^{UUID_FORM}$"} if isinstance(field, Id) else {}
