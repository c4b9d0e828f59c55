"""Every record type has a view with its fields as columns, on both stores."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from schemas.records import RECORD_TYPES
from server.models import views
from server.models.engine import reading, writing
from tests.server.reports.store import Store


@pytest.fixture
def rows(engine: Engine) -> Iterator[Any]:
    """Give a function that reads from a view."""
    with reading(engine) as connection:
        yield lambda query: [tuple(row) for row in connection.execute(text(query))]


def test_a_view_has_a_column_for_every_declared_field(engine: Engine) -> None:
    found = {name: {column["name"] for column in inspect(engine).get_columns(f"view_{name}")} for name in RECORD_TYPES}
    for name, kind in RECORD_TYPES.items():
        assert found[name] == {*views.ENVELOPE, *kind.fields, *views.DERIVED.get(name, {})}


def test_no_field_is_called_as_a_column_that_every_record_has() -> None:
    for kind in RECORD_TYPES.values():
        assert not {*views.ENVELOPE, *views.DERIVED.get(kind.name, {})} & set(kind.fields)


def test_numbers_and_flags_are_such_and_what_is_missing_is_null(store: Store, rows: Any) -> None:
    store.add("person", has_disability=True)
    store.add("person", has_disability=False)
    store.add("person", first_name="ก")
    store.add("assistance", amount_satang=300_000)
    assert rows("SELECT COUNT(*) FROM view_person WHERE has_disability") == [(1,)]
    assert rows("SELECT COUNT(*) FROM view_person WHERE has_disability IS NULL") == [(1,)]
    assert rows("SELECT amount_satang + 1 FROM view_assistance") == [(300_001,)]


def test_deleted_records_are_in_no_view_and_merged_ones_say_into_what(store: Store, rows: Any) -> None:
    store.add("person", deleted=True)
    kept, merged = store.add("person"), store.add("person")
    store.merge(kept, merged)
    assert rows("SELECT id, merged_into FROM view_person ORDER BY id") == [(kept, None), (merged, kept)]


def test_views_may_be_made_anew_at_any_time(store: Store, engine: Engine) -> None:
    store.add("team", name="กลางวัน")
    with writing(engine) as connection:
        views.refresh(connection)
        views.refresh(connection)
        assert connection.execute(text("SELECT name FROM view_team")).scalar_one() == "กลางวัน"
