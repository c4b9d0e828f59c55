"""The whole declaration as data: enough for a stranger's client to draw forms, validate, mask and mint numbers."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from schemas import reference_number
from schemas.base import FieldSpec, Label, RecordType
from schemas.messages import LANGUAGES, catalogue
from schemas.placement import BUCKET_KINDS, Place
from schemas.records import RECORD_TYPES
from schemas.vocabulary import VOCABULARIES, Vocabulary

ONLY_SHOWN = frozenset({"label", "hint", "summary", "warnings", "risk", "assumed", "meaning"})
"""What may change without any client sending or accepting something else."""


def declaration() -> dict[str, Any]:
    """Return every type, code list and bucket kind, and the texts of the problems, in Thai and English."""
    return {
        "fingerprint": fingerprint(),
        "languages": list(LANGUAGES),
        **_wire(),
        "reference_number": {
            "alphabet": reference_number.ALPHABET,
            "random_characters": 12,
            "groups": [4, 4, 5],
            "check": "the sum of weight (1 to 12) times place in the alphabet, modulo its length",
        },
        "messages": {
            language: {key: text for key, text in catalogue(language).items() if key.startswith("problem.")}
            for language in LANGUAGES
        },
    }


def fingerprint() -> str:
    """Return the SHA-256 of what goes over the wire; a test pins it beside PROTOCOL_VERSION and SCHEMA_VERSION."""
    # below the names of types, lists and buckets: one of the code lists is itself called «risk»
    wire = {part: {name: _without_shown(entry) for name, entry in entries.items()} for part, entries in _wire().items()}
    canonical = json.dumps(wire, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _wire() -> dict[str, Any]:
    return {
        "types": {name: _type(kind) for name, kind in RECORD_TYPES.items()},
        "vocabularies": {name: _vocabulary(found) for name, found in VOCABULARIES.items()},
        "buckets": {
            name: {
                "classes": sorted(kind.classes),
                "with_carried": kind.with_carried,
                "meaning": kind.meaning,
            }
            for name, kind in BUCKET_KINDS.items()
        },
    }


def _type(kind: RecordType) -> dict[str, Any]:
    return {
        "label": _label(kind.label),
        "origin": kind.origin.value,
        "summary": list(kind.summary),
        "owner_edits_only": kind.schema.owner_edits_only,
        "one_per_owner": kind.schema.one_per_owner,
        "mergeable": kind.schema.mergeable,
        "places": [_place(place) for place in kind.schema.places],
        "fields": [_field(spec) for spec in kind.fields.values()],
        "rules": [rule.declaration() for rule in kind.schema.record_rules],
        "warnings": [rule.declaration() for rule in kind.schema.record_warnings],
    }


def _field(spec: FieldSpec) -> dict[str, Any]:
    declared = {
        "name": spec.name,
        "kind": spec.kind,
        "label": _label(spec.label),
        "hint": _label(spec.hint) if spec.hint else None,
        "required": spec.required,
        "merge": spec.merge.value,
        "privacy": spec.privacy.value,
        "privacy_from": spec.privacy_from,
        "group": spec.group,
        "vocabulary": spec.vocabulary,
        "refers_to": list(spec.refers_to),
        "carry": spec.carry.value if spec.carry else None,
        "written_by": spec.written_by.value,
        "risk": spec.risk.value,
        "fixed": spec.fixed or None,
        "digits": list(spec.digits),
        "rules": [dict(rule) for rule in spec.rules],
        "element": [_field(inner) for inner in spec.element.values()] if spec.element else None,
    }
    return {key: value for key, value in declared.items() if value not in (None, [])}


def _place(place: Place) -> dict[str, Any]:
    name = re.sub("(?<=[a-z])(?=[A-Z])", "_", type(place).__name__).lower()
    said = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(place).items()}  # type: ignore[call-overload]  # places are dataclasses
    return {"place": name, **said}


def _vocabulary(found: Vocabulary) -> dict[str, Any]:
    return {
        "label": _label(found.label),
        "assumed": found.assumed,
        "codes": [
            {"code": code.code, "label": _label(code.label), "assumed": code.assumed} for code in found.codes.values()
        ],
    }


def _label(label: Label) -> dict[str, str]:
    return {"th": label.th, "en": label.en}


def _without_shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_shown(inner) for name, inner in value.items() if name not in ONLY_SHOWN}
    return [_without_shown(inner) for inner in value] if isinstance(value, list) else value
