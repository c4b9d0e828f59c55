"""The kit's own texts: whole in both languages, and free of jargon."""

import re
import string
from pathlib import Path

import pytest

from field_kit.cli.standing import COUNTS
from field_kit.doctor import CHECKS
from field_kit.messages import LANGUAGES, catalogue, text
from field_kit.tally import Stage
from sync.mutation import Op

SOURCES = [path.read_text("utf-8") for path in (Path(__file__).parents[2] / "field_kit").rglob("*.py")]
COMPUTED = {
    *(f"kit.sync.{stage}" for stage in Stage),
    *(f"kit.sync.{outcome}" for outcome in ("rejected", "conflicted", "held")),
    *(f"kit.status.{name}" for name in COUNTS),
    *(f"kit.span.{unit}" for unit in ("days", "hours", "minutes")),
    *(f"kit.op.{op}" for op in Op),
    *(f"kit.column.{name}" for name in ("id", "kind", "state", "about")),
    *(f"kit.doctor.{check.__name__}" for check in CHECKS),
    "kit.doctor.log_dense_urgent", "kit.doctor.log_dense_normal", "kit.doctor.contents_equal",
}  # fmt: skip


def test_both_languages_have_the_same_keys() -> None:
    assert list(catalogue("th")) == list(catalogue("en"))


@pytest.mark.parametrize("key", list(catalogue("th")))
def test_both_languages_have_the_same_placeholders(key: str) -> None:
    found = [
        {name for _, name, _, _ in string.Formatter().parse(catalogue(language)[key]) if name} for language in LANGUAGES
    ]

    assert found[0] == found[1]


def test_every_key_in_the_source_has_a_text_and_no_text_is_idle() -> None:
    named = {key for source in SOURCES for key in re.findall(r"[\"'](kit\.[a-z_.]*[a-z])[\"']", source)} | COMPUTED
    errors = {key for key in catalogue("th") if key.startswith("kit.error.")}

    assert named - set(catalogue("th")) == set()
    assert set(catalogue("th")) - named - errors == set()


def test_no_text_is_empty_or_speaks_jargon() -> None:
    assert all(found.strip() for language in LANGUAGES for found in catalogue(language).values())
    jargon = "ซิงก์|เซิร์ฟเวอร์|ส่วนกลาง|ส่งแล้ว"
    assert [key for key, found in catalogue("th").items() if re.search(jargon, found)] == []


def test_what_a_text_lacks_shows_as_an_ellipsis() -> None:
    assert text("kit.error.not_enrolled", "en").startswith("This device is not enrolled (…)")
    assert text("outcome.pending", "en") == "Not sent yet"
