"""Every code list, and what must be true of all of them."""

import re

import pytest

from schemas.fields import Code
from schemas.records import RECORD_TYPES
from schemas.vocabulary import VOCABULARIES, Vocabulary, label

LISTS = pytest.mark.parametrize("found", VOCABULARIES.values(), ids=lambda found: found.name)


@LISTS
def test_every_code_has_both_labels(found: Vocabulary) -> None:
    texts = [found.label, *(code.label for code in found.codes.values())]

    assert all(text.th and text.en and text.th == text.th.strip() for text in texts)
    assert all(name == code.code and re.fullmatch("[a-z0-9_]+", name) for name, code in found.codes.items())


@LISTS
def test_no_two_codes_of_a_list_have_one_label(found: Vocabulary) -> None:
    assert len({code.label.th for code in found.codes.values()}) == len(found.codes)


@LISTS
def test_no_label_repeats_a_slip_of_the_sources(found: Vocabulary) -> None:
    texts = " ".join(code.label.th for code in found.codes.values())

    assert not re.search("เร่งรัดการจัด|ช่อทาง|ประชาขน", texts)


def test_the_published_lists_are_there() -> None:
    sizes = {
        name: len(VOCABULARIES[name].codes) for name in ("ess_cause", "risk", "ticket_step", "call_kind", "photo_kind")
    }

    assert sizes == {"ess_cause": 5, "risk": 12, "ticket_step": 6, "call_kind": 6, "photo_kind": 10}


def test_the_first_five_overdue_reasons_are_the_published_ones() -> None:
    codes = list(VOCABULARIES["overdue_reason"].codes.values())

    assert [code.assumed for code in codes] == [False] * 5 + [True] * 4


def test_assumptions_are_marked() -> None:
    assert VOCABULARIES["severity"].assumed
    assert VOCABULARIES["problem"].codes["other"].assumed
    assert not VOCABULARIES["problem"].codes["violence"].assumed


def test_a_label_is_found_by_list_and_code() -> None:
    assert label("channel", "operations_centre").th == "ศปก.พม."


def test_every_field_of_codes_names_a_list() -> None:
    named = {spec.vocabulary for kind in RECORD_TYPES.values() for spec in kind.fields.values() if spec.vocabulary}

    assert named <= set(VOCABULARIES)


def test_a_field_cannot_name_a_list_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        Code("ก", "a", vocabulary="nowhere")
