"""Edits as officers make them: what somebody sees, what they want instead, and how that travels."""

from typing import Any

from schemas.base import FieldSpec, RecordType
from schemas.records import RECORD_TYPES
from schemas.vocabulary import VOCABULARIES
from tests.vectors.dice import Dice
from tests.vectors.values import ID, full_record

RECORD = "0192f0c1-0000-7000-8000-000000000001"
OTHER = "0192f0c1-0000-7000-8000-000000000002"
EDITED_TYPES = ("case", "person", "help_request", "household", "visit", "emergency", "assessment", "contact")
WORDS = ("บ้านพัง", "ไม่มีรายได้", "น้ำท่วม", "เยี่ยมแล้ว", "นัดพุธหน้า", "ปู่อยู่คนเดียว", "rain", "😀")
LINES = ("หนึ่ง", "สอง", "สาม", "สี่", "ห้า")


def another(dice: Dice, spec: FieldSpec) -> Any:  # noqa: C901  # one line for each kind
    """Return a value in stored form for a field."""
    match spec.kind:
        case "code":
            return dice.pick(list(VOCABULARIES[str(spec.vocabulary)].codes))
        case "codes":
            return sorted(dice.some(list(VOCABULARIES[str(spec.vocabulary)].codes), 1, 3))
        case "line" if spec.name == "house_code":
            return f"540{dice.between(10**7, 10**8 - 1)}"
        case "line":
            return dice.pick(WORDS)
        case "text":
            return "\n".join(dice.some(LINES, 1, 4))
        case "lines":
            return sorted(dice.some(("1300-1", "1300-2", "ESS 7", "ก"), 1, 3))
        case "phones":
            return sorted(dice.some(("0812345678", "191", "053123456"), 1, 2))
        case "integer":
            return dice.between(1, 5)
        case "number":
            quarters = dice.between(1, 320)
            return quarters / 4 if quarters % 4 else quarters // 4
        case "money":
            return dice.between(0, 50) * 10_000
        case "flag":
            return dice.chance(50)
        case "date":
            return f"2026-{dice.between(1, 11):02d}-{dice.between(1, 22):02d}"
        case "instant":
            return f"2026-{dice.between(1, 11):02d}-{dice.between(1, 22):02d}T03:00:00.000Z"
        case "area":
            return dice.pick([code for code in ("54", "5401", "540101", "54010102") if len(code) in spec.digits])
        case "references":
            return sorted(dice.some([ID % number for number in (1, 2, 3)], 1, 2))
        case "log":
            return [entry(dice, spec, number) for number in dice.some((11, 12, 13, 14), 1, 3)]
        case "reference" | "user" | "id":
            return ID % dice.between(1, 5)
        case _:
            return full_record_value(spec)


def full_record_value(spec: FieldSpec) -> Any:
    from tests.schemas.strategies import example

    return example(spec)


def entry(dice: Dice, spec: FieldSpec, number: int) -> dict[str, Any]:
    """Return an entry of a log, the same for a number but for what is drawn."""
    made = {name: another(dice, inner) for name, inner in (spec.element or {}).items() if inner.required}
    return {**made, "id": ID % number}


def record(dice: Dice, kind: RecordType, share: int = 20) -> dict[str, Any]:
    """Return a record in stored form with about so many fields of a hundred."""
    full = full_record(kind)
    kept = {name: full[name] for name in full if kind.fields[name].required}
    for name, spec in kind.fields.items():
        if spec.written_by == "field" and not spec.required and dice.chance(share):
            kept[name] = another(dice, spec)
    for names in kind.groups.values():
        if any(name in kept for name in names) and dice.chance(80):
            kept |= {name: another(dice, kind.fields[name]) for name in names}
    return kept


def wanted_of(dice: Dice, kind: RecordType, shown: dict[str, Any], most: int = 3) -> dict[str, Any]:
    """Return what somebody types over what they see: new values, the same again, nothing at all."""
    names = [name for name, spec in kind.fields.items() if spec.written_by == "field" and not spec.fixed]
    listed = [name for name in names if kind.fields[name].merge in ("set", "append", "text") or kind.fields[name].group]
    chosen = {*dice.some(names, 1, most), *dice.some(listed, 0, 2)}
    return {name: typed_over(dice, kind.fields[name], shown.get(name)) for name in names if name in chosen}


def typed_over(dice: Dice, spec: FieldSpec, seen: Any) -> Any:
    match dice.below(10):
        case 0 if not spec.required:
            return None
        case 1 if seen is not None:
            return seen
        case 2 | 3 | 4 if isinstance(seen, list) and spec.kind != "log":
            return sorted({*dice.some(seen, 0, len(seen)), *another(dice, spec)}) or None
        case 2 | 3 | 4 if isinstance(seen, list):
            return [*seen, entry(dice, spec, dice.between(20, 25))]
        case 5 if isinstance(seen, list):
            return dice.some(seen, 0, len(seen) - 1) or None if spec.kind == "log" else sorted(seen[1:]) or None
        case _:
            return another(dice, spec)


def kinds() -> list[RecordType]:
    return [RECORD_TYPES[name] for name in EDITED_TYPES]
