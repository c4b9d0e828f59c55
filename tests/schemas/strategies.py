"""Made-up values of every kind of field: examples that fit, and rough ones that may not. All people are synthetic."""

from typing import Any

from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.base import FieldSpec, RecordType
from schemas.reference_number import mint
from schemas.vocabulary import VOCABULARIES

ID = "0192f0c4-7b7a-7cc1-8a11-%012d"
THAI = "กขคงน้ำแเำ่้๊็์ํา ๑๒ ๔ สมชาย"


def example(spec: FieldSpec) -> Any:
    """Return one value that fits a field and is already as stored."""
    match spec.kind:
        case "code":
            return next(iter(VOCABULARIES[str(spec.vocabulary)].codes))
        case "codes":
            return sorted(VOCABULARIES[str(spec.vocabulary)].codes)[:2]
        case "area":
            return next(code for code in ("540101", "5401", "54") if _fits(spec, code))
        case "object":
            return {name: example(inner) for name, inner in (spec.element or {}).items()}
        case "objects" | "log":
            return [{name: example(inner) for name, inner in (spec.element or {}).items()}]
    if spec.name == "media_type":
        return "image/jpeg"
    if spec.name == "house_code":
        return "54012345678"
    return _EXAMPLES[spec.kind]


def _fits(spec: FieldSpec, value: Any) -> bool:
    try:
        spec.marshmallow.deserialize(value)
    except ValidationError:
        return False
    return True


_EXAMPLES: dict[str, Any] = {
    "line": "ตัวอย่าง หนึ่งบรรทัด",
    "text": "บรรทัดหนึ่ง\nบรรทัดสอง",
    "integer": 3,
    "number": 18.5,
    "money": 300_000,
    "flag": False,
    "date": "2024-08-28",
    "instant": "2024-08-28T03:00:00.000Z",
    "phone": "0812345678",
    "phones": ["0812345678", "191"],
    "lines": ["1300-1", "1300-2"],
    "identifier": "9123456789012",
    "reference": ID % 1,
    "references": [ID % 1, ID % 2],
    "user": ID % 3,
    "id": ID % 4,
    "raw": {"any": ["thing", 1, None]},
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "reference_number": mint(2**63 + 12_345),
}


def full_record(kind: RecordType) -> dict[str, Any]:
    """Return a record in which every field is filled."""
    return {name: example(spec) for name, spec in kind.fields.items()}


def rough_texts() -> st.SearchStrategy[str]:
    """Return texts as hands and broken programs make them."""
    return st.one_of(
        st.text(st.one_of(st.sampled_from(THAI), st.characters()), max_size=30),
        st.text(st.sampled_from("09 +-123456789๐"), max_size=16),
        st.text(st.sampled_from("\u0e4d\u0e49\u0e32\u0e38\u0301\u0340 \n\r\t\u2028ก\ufeff\u200b"), max_size=12),
        st.sampled_from(
            ["2024-08-28", "2024-08-28T03:00:00Z", ID % 9, (ID % 9).upper(), "male", "5401", " 5401 ", "54010100"]
        ),
    )


def json_values() -> st.SearchStrategy[Any]:
    """Return any JSON, and numbers that JSON does not have."""
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), rough_texts())
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(rough_texts(), inner, max_size=3)),
        max_leaves=6,
    )


def near(value: Any) -> st.SearchStrategy[Any]:
    """Return values that differ a little from a good one."""
    changed: list[st.SearchStrategy[Any]] = [st.just(value), json_values(), st.just([value]), st.none()]
    if isinstance(value, str):
        changed += [st.just(value + " "), st.just(value.upper()), st.just("\u0e4d\u0e32" + value), st.just("\ud800")]
    if isinstance(value, list):
        changed += [st.permutations(value), st.just(value * 2), st.just([])]
    if isinstance(value, int | float):
        changed += [st.just(float(value)), st.just(-value), st.just(value + 10**16), st.just(bool(value))]
    return st.one_of(changed)


@st.composite
def records(draw: st.DrawFn, kind: RecordType) -> dict[str, Any]:
    """Draw a record: some fields left out, some a little wrong, sometimes one nobody declared."""
    full = full_record(kind)
    kept = draw(st.lists(st.sampled_from(sorted(full)), unique=True))
    record = {name: value for name, value in full.items() if name in kept or kind.fields[name].required}
    for name in draw(st.lists(st.sampled_from(sorted(full)), max_size=3, unique=True)):
        record[name] = draw(near(full[name]))
    if draw(st.integers(0, 9)) == 0:
        record["nobody_declared_this"] = 1
    return record
