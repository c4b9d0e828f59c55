"""Settings come from the environment, each with a type, a default and a line in the documentation."""

from dataclasses import fields
from pathlib import Path

import pytest

from server.config import BadSetting, Settings, settings_from
from server.printed_docs import pages

DOCS = Path(__file__).parents[2] / "docs"


def test_nothing_needs_to_be_set() -> None:
    settings = settings_from({})
    assert settings == Settings()
    assert settings.store_url == f"sqlite:///{Path.cwd()}/var/husec/centre.db"


def test_each_kind_is_read() -> None:
    settings = settings_from(
        {
            "HUSEC_DATA_DIR": "/srv/husec",
            "HUSEC_DATABASE_URL": "postgresql:///husec",
            "HUSEC_STAFF_TOKEN_HOURS": "4",
            "HUSEC_JOBS": "no",
            "HUSEC_DATABASE_KEY_FILE": "",
            "PATH": "/bin",
        }
    )
    assert settings == Settings(
        data_dir=Path("/srv/husec"), database_url="postgresql:///husec", staff_token_hours=4, jobs=False
    )


@pytest.mark.parametrize(("name", "value"), [("HUSEC_STAFF_TOKEN_HOURS", "soon"), ("HUSEC_JOBS", "perhaps")])
def test_what_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"{name} must be"):
        settings_from({name: value})


def test_the_database_key_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("ab" * 32 + "\n")
    assert settings_from({"HUSEC_DATABASE_KEY_FILE": str(tmp_path / "key")}).database_key == b"\xab" * 32


def test_every_setting_has_its_line() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    assert [each.name for each in fields(Settings) if f"`HUSEC_{each.name.upper()}`" not in page] == []
    assert [each.name for each in fields(Settings) if not each.metadata.get("doc")] == []


@pytest.mark.parametrize("name", sorted(pages()))
def test_printed_pages_are_current(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == pages()[name], "run: husec docs write"
