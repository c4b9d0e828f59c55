"""The declaration as data, and the pin that notices a change on the wire."""

import json
import re

from schemas.declaration import declaration, fingerprint
from schemas.records import RECORD_TYPES
from schemas.vocabulary import VOCABULARIES
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION

PINNED = (1, 1, "73807b8f246bfaaccd3e90c896ac61399350f232a4a63ded9d141e325d1f22a9")
"""(protocol, schema, fingerprint)."""

WHAT_TO_DO = """The declaration says something else than the pinned one; its fingerprint is {found}.
Not released yet: pin the new fingerprint here, beside the same schema number.
Released: devices of schema {schema} are at work. Declare in schemas/history.py what became of their fields and codes
(Step(number={next}, …) in HISTORY), which makes the schema {next}, and pin both here. What only texts and labels say
is not pinned. docs/protocol.md, section 7, says what a step must keep."""


def test_the_wire_is_the_pinned_one() -> None:
    found = (PROTOCOL_VERSION, SCHEMA_VERSION, fingerprint())

    assert found == PINNED, WHAT_TO_DO.format(found=found[2], schema=PINNED[1], next=PINNED[1] + 1)


def test_the_declaration_is_json() -> None:
    assert json.loads(json.dumps(declaration())) == declaration()


def test_it_has_every_type_with_its_fields_in_order() -> None:
    declared = {name: [field["name"] for field in kind["fields"]] for name, kind in declaration()["types"].items()}

    assert declared == {name: list(kind.fields) for name, kind in RECORD_TYPES.items()}


def test_it_has_every_code_in_order() -> None:
    declared = {
        name: [code["code"] for code in found["codes"]] for name, found in declaration()["vocabularies"].items()
    }

    assert declared == {name: list(found.codes) for name, found in VOCABULARIES.items()}


def test_it_has_the_texts_of_problems_in_both_languages() -> None:
    assert set(declaration()["messages"]) == {"th", "en"}
    assert declaration()["messages"]["en"]["problem.required"] == "This answer is missing."


def test_a_field_says_all_a_form_needs() -> None:
    fields = {field["name"]: field for field in declaration()["types"]["assistance"]["fields"]}

    assert fields["over_limit"]["written_by"] == "centre"
    assert fields["case"] == {
        "name": "case",
        "kind": "reference",
        "label": {"th": "กรณี", "en": "Case"},
        "required": True,
        "merge": "register",
        "privacy": "normal",
        "refers_to": ["case"],
        "carry": "by",
        "written_by": "field",
        "risk": "ordinary",
    }


def test_places_are_told_by_name() -> None:
    places = declaration()["types"]["case"]["places"]

    assert places[0] == {"place": "in_district", "area": "area"}
    assert all(re.fullmatch("[a-z_]+", place["place"]) for place in places)


def test_the_code_list_named_like_a_hidden_property_is_pinned_too() -> None:
    assert "risk" in VOCABULARIES  # see fingerprint()
