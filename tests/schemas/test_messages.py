"""The message catalogue: whole in both languages, and nothing said in code that it lacks."""

import re
import string
from pathlib import Path

import pytest

from schemas.messages import LANGUAGES, catalogue, preferred_language, problem_text, text
from sync.mutation import Outcome

ROOT = Path(__file__).parents[2]
SOURCES = [path for package in ("schemas", "sync", "server", "field_kit") for path in (ROOT / package).rglob("*.py")]
PROBLEM_CODES = re.compile(r"""(?:"code":\s*|refused\()"([a-z_]+)\"""")
ERROR_CODES = re.compile(r"""(?:\bcode, status = |\brejected\()"([a-z_]+)\"""")
CHECK_CODES = re.compile(r"""Check\("[a-z_]+", "[a-z_]+", "([a-z_]+)\"""")


def named_by(pattern: re.Pattern[str]) -> set[str]:
    return {code for path in SOURCES for code in pattern.findall(path.read_text("utf-8"))}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(catalogue("th")) == list(catalogue("en"))


@pytest.mark.parametrize("key", list(catalogue("th")))
def test_both_languages_have_the_same_placeholders(key: str) -> None:
    assert placeholders(catalogue("th")[key]) == placeholders(catalogue("en")[key])


def test_no_text_is_empty_or_speaks_jargon() -> None:
    for language in LANGUAGES:
        assert all(found.strip() for found in catalogue(language).values())
    jargon = [key for key, found in catalogue("th").items() if re.search("ซิงก์|เซิร์ฟเวอร์|outbox|ส่วนกลาง|ส่งแล้ว", found)]
    assert jargon == []


def test_every_problem_code_in_the_source_has_a_text() -> None:
    codes = named_by(PROBLEM_CODES) | named_by(CHECK_CODES)
    known = {key.split(".")[1] for key in catalogue("th") if key.startswith(("problem.", "error.", "notice."))}

    assert codes - known == set()


def test_every_error_code_in_the_source_has_a_title_and_a_detail() -> None:
    lacking = {f"error.{code}.{part}" for code in named_by(ERROR_CODES) for part in ("title", "detail")} - set(
        catalogue("th")
    )

    assert lacking == set()


def test_every_outcome_has_a_text() -> None:
    assert {f"outcome.{outcome.value}" for outcome in Outcome} <= set(catalogue("th"))


def test_texts_are_filled_in() -> None:
    assert text("screen.strip", "en", waiting=3, last_contact="yesterday") == "3 waiting · Last contact yesterday"
    assert text("screen.strip", "en", waiting=3) == "3 waiting · Last contact …"


def test_an_unknown_key_or_language_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("screen.nowhere")
    with pytest.raises(KeyError):
        text("screen.strip", "fr")


def test_a_problem_speaks_to_its_author() -> None:
    assert problem_text({"code": "too_long", "max": 200}, "en") == "Too long: at most 200."
    assert problem_text({"code": "nobody_knows"}, "en") == "The value is not valid."


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "th"),
        ("", "th"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,en;q=0.5,th;q=0.4", "en"),
        ("en;q=0.3, th;q=0.8", "th"),
        ("en;q=0", "th"),
        ("en;q=x", "th"),
        ("de", "th"),
    ],
)
def test_the_language_is_the_one_asked_for(header: str | None, language: str) -> None:
    assert preferred_language(header) == language
