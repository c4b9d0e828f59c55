"""The counting rules at their edges, on both stores, against hand-counted cases."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.target_group import target_group_of
from server.models.engine import reading
from server.reports.counting import STATEMENT, Figures, Period, count
from tests.server.reports.store import AUGUST, Store


def test_a_period_holds_both_of_its_ends_and_nothing_beyond(store: Store) -> None:
    for day in ("2024-07-31", "2024-08-01", "2024-08-31", "2024-09-01"):
        store.case(received_on=day)
    assert store.report().total.period == 2


def test_month_and_fiscal_year_are_counted_beside_the_period(store: Store) -> None:
    for day in (
        "2023-09-30",
        "2023-10-01",
        "2024-01-31",
        "2024-02-01",
        "2024-07-31",
        "2024-08-01",
        "2024-08-28",
        "2024-08-29",
    ):
        store.case(received_on=day)
    report = store.report(Period(date(2024, 2, 1), date(2024, 8, 28)))
    assert report.total == Figures(period=4, month=2, cumulative=6)
    assert report.fiscal_year == 2567


def test_a_period_over_two_fiscal_years_accumulates_from_the_later_october(store: Store) -> None:
    for day in ("2024-09-30", "2024-10-01", "2024-10-02"):
        store.case(received_on=day)
    assert store.report(Period(date(2024, 9, 1), date(2024, 10, 2))).total == Figures(period=3, month=2, cumulative=2)


def test_a_case_moved_away_stays_in_the_district_of_its_intake(store: Store) -> None:
    store.case(intake_district="5403", area="5401")
    store.case(intake_district="5401", area="1001")
    assert store.figures("district") == {"5401": 1, "5403": 1}
    assert store.figures("district", province="10") == {}


def test_a_district_not_known_or_not_of_the_province_is_not_stated(store: Store) -> None:
    for district in ("5400", "5499", "5477", "5401", "5501"):
        store.case(intake_district=district)
    assert store.figures("district") == {"5401": 1, "unknown": 3}


@pytest.mark.parametrize("validity", ["false_report", "prank", "wrong_call"])
def test_cases_that_were_none_do_not_count(store: Store, validity: str) -> None:
    store.case(validity=validity)
    store.case(validity="genuine")
    store.case()
    assert store.report().total.period == 2


def test_deleted_and_merged_away_cases_do_not_count(store: Store) -> None:
    kept, twice = store.case(), store.case()
    store.merge(kept, twice)
    store.case(state={"deleted": True})
    assert store.report().total.period == 1


def test_a_person_who_was_merged_counts_as_the_one_who_was_kept(store: Store) -> None:
    first = store.add("person", sex="unknown")
    second = store.add("person", sex="male", age_band="under_18")
    last = store.add("person", sex="female", birth_date="1950-01-01", birth_date_precision="year")
    store.merge(second, first)
    store.merge(last, second)
    store.case(person=first)
    store.case(person=second)
    store.case(person=last)
    assert (store.figures("sex"), store.figures("target_group")) == ({"female": 3}, {"elderly": 3})


def test_sex_not_known_for_any_reason_is_one_row(store: Store) -> None:
    store.case(person={"sex": "unknown", "unknown_reason": "ไม่ให้ข้อมูล"})
    store.case(person={"first_name": "ก"})
    store.case()
    store.case(person="00000000-0000-7000-8000-000000000000")
    store.case(person={"sex": "male"})
    assert store.figures("sex") == {"male": 1, "unknown": 4}


def test_a_case_counts_once_under_each_problem(store: Store) -> None:
    store.case(problems=["income_livelihood", "violence"])
    store.case(problems=["violence"])
    store.case(problems=[])
    store.case()
    report = store.report()
    assert store.figures("problem") == {"income_livelihood": 1, "violence": 2, "unknown": 2}
    assert (report.total.period, report.tables[3].total.period) == (4, 5)


# born -> the day the case was received -> the group
AGES = [
    ("2006-08-16", "2024-08-15", "child"),
    ("2006-08-15", "2024-08-15", "youth"),
    ("1998-08-16", "2024-08-15", "youth"),
    ("1998-08-15", "2024-08-15", "adult"),
    ("1964-08-16", "2024-08-15", "adult"),
    ("1964-08-15", "2024-08-15", "elderly"),
    ("2024-08-15", "2024-08-15", "child"),
    ("2024-08-16", "2024-08-15", "unknown"),  # born after the case was received: a slip
    ("2006-02-28", "2024-02-28", "youth"),
    ("2004-02-29", "2022-02-28", "child"),  # completes 18 at the end of 28 February
    ("2004-02-29", "2022-03-01", "youth"),
    ("1964-02-29", "2024-02-28", "adult"),
    ("1964-02-29", "2024-02-29", "elderly"),
]


@pytest.mark.parametrize(("born", "received_on", "group"), AGES)
def test_age_is_completed_years_on_the_day_of_intake(store: Store, born: str, received_on: str, group: str) -> None:
    store.case(person={"birth_date": born, "birth_date_precision": "day"}, received_on=received_on)
    day = date.fromisoformat(received_on)
    assert store.figures("target_group", Period(day, day)) == {group: 1}


PEOPLE: list[tuple[dict[str, Any], str]] = [
    # known to the month or year: born on its first day (Civil and Commercial Code, section 16)
    ({"birth_date": "2006-08-01", "birth_date_precision": "month"}, "youth"),
    ({"birth_date": "2006-09-01", "birth_date_precision": "month"}, "child"),
    ({"birth_date": "2006-01-01", "birth_date_precision": "year"}, "youth"),
    # a date says more than a band; a date of unknown precision says nothing
    ({"birth_date": "1950-01-01", "birth_date_precision": "year", "age_band": "under_18"}, "elderly"),
    ({"birth_date": "1950-01-01", "birth_date_precision": "unknown", "age_band": "18_25"}, "youth"),
    ({"birth_date": "1950-01-01", "birth_date_precision": "unknown"}, "unknown"),
    ({"age_band": "under_18"}, "child"),
    ({"age_band": "26_59"}, "adult"),
    ({"age_band": "60_over"}, "elderly"),
    ({"age_band": "unknown"}, "unknown"),
    ({}, "unknown"),
    # a disability goes before age, from the day it began
    ({"has_disability": True, "age_band": "under_18"}, "person_with_disability"),
    ({"has_disability": True}, "person_with_disability"),
    ({"has_disability": True, "disability_since": "2024-08-15", "age_band": "26_59"}, "person_with_disability"),
    ({"has_disability": True, "disability_since": "2024-08-16", "age_band": "26_59"}, "adult"),
    ({"has_disability": False, "age_band": "26_59"}, "adult"),
]


@pytest.mark.parametrize(("person", "group"), PEOPLE)
def test_target_group_is_derived_from_what_is_known(store: Store, person: dict[str, Any], group: str) -> None:
    store.case(person=person)
    assert store.figures("target_group") == {group: 1}


def test_a_later_birthday_changes_no_figure(store: Store) -> None:
    person = store.add("person", birth_date="2006-08-16", birth_date_precision="day")
    store.case(person=person)
    store.case(person=person, received_on="2024-08-16")
    assert store.figures("target_group") == {"child": 1, "youth": 1}


days = st.dates(date(1930, 1, 1), date(2024, 12, 31)).map(date.isoformat)
people = st.fixed_dictionaries(
    {},
    optional={
        "birth_date": days,
        "birth_date_precision": st.sampled_from(["day", "month", "year", "unknown"]),
        "age_band": st.sampled_from(["under_18", "18_25", "26_59", "60_over", "unknown"]),
        "has_disability": st.booleans(),
        "disability_since": days,
    },
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(people, st.dates(date(2024, 8, 1), date(2024, 8, 31)).map(date.isoformat)), max_size=12))
def test_the_statement_and_schemas_derive_the_same_groups(
    store: Store, cases: list[tuple[dict[str, Any], str]]
) -> None:
    before = store.figures("target_group")
    expected = dict(before)
    for person, received_on in cases:
        store.case(person=person, received_on=received_on)
        group = target_group_of(person, received_on) or "unknown"
        expected[group] = expected.get(group, 0) + 1
    assert store.figures("target_group") == expected


def test_every_dimension_sums_to_the_total(store: Store) -> None:
    for district in ("5401", "5400"):
        for sex in ("male", "female", "unknown"):
            store.case(person={"sex": sex}, intake_district=district, intake_channel="walk_in", severity="level_2")
    with reading(store.engine) as connection:
        found = count(connection, "54", AUGUST)
    assert {name: sum(each.period for each in values.values()) for name, values in found.items()} == dict.fromkeys(
        found, 6
    )


def test_sqlite_reads_no_record(store: Store) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("about SQLite's indexes")
    names = ("province", "earliest", "latest", "first", "month_start", "cumulative_start")
    plan = store.indexes_used(STATEMENT, **dict.fromkeys(names, ""))
    assert "USING COVERING INDEX ix_report_case" in plan
    assert "USING INDEX ix_report_person" in plan
