"""What is counted: published tables, payments over a limit, dates in spite of wrong clocks (scenarios 8, 9, 12)."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from schemas.thai import bangkok_date, fiscal_year
from server.clock import now
from server.demo.photos import photo
from server.demo.plan import Create, Save
from server.demo.published import phrae_2567
from server.demo.shares import dealt, flat
from tests.acceptance.http_phone import HttpPhone, Link
from tests.acceptance.kit_process import Kit
from tests.acceptance.office import PHRAE, Office, Province
from tests.acceptance.officer import at_work

YEAR = timedelta(days=365)


def report(desk: Link, place: Province, first: str, last: str) -> Any:
    return desk.json("GET", "/reports/provincial", params={"province": place.code, "from": first, "to": last})


def period_of(table: Any) -> dict[str, int]:
    """Return a table's figures of the period, in order of print."""
    return {row["id"]: row["figures"]["period"] for row in table["rows"]}


# --- scenario 12


def steps_of(save: Save, team: str, folder: Path) -> Iterator[list[Any]]:
    """Yield one Save of the demo's plan as the officer types it."""
    for step in save:
        if isinstance(step, Create):
            given = {"team": team} if step.type == "case" else {}
            yield ["create", step.name, step.type, step.data | given]
        else:
            path = folder / f"{step.photo}.png"
            path.write_bytes(photo(Random(step.photo)))
            yield ["attach", step.of, str(path)]


def test_phraes_117_cases_typed_into_kits_give_the_published_tables(own_office: Office, tmp_path: Path) -> None:
    published, desk = phrae_2567(), own_office.desk(f"social_worker@{PHRAE.scope}")
    work = dealt(published, 54)
    crew = {
        own_office.kit(f"rru_member@team:{PHRAE.day_team}"): (PHRAE.day_team, ["day-1", "day-2", "intake-1"]),
        own_office.kit(f"rru_member@team:{PHRAE.night_team}"): (PHRAE.night_team, ["night-1", "night-2", "intake-2"]),
        own_office.kit("volunteer@village:54010201"): ("", ["volunteer-1"]),
    }
    for kit, (team, shares) in crew.items():
        with at_work(kit) as typist:
            saves = itertools.chain.from_iterable(flat(work[share]) for share in shares)
            typist.type_all([*steps_of(save, team, tmp_path)] for save in saves)
        kit.sync()
        assert kit.outbox() == []
    told = report(desk, PHRAE, published.first_day.isoformat(), published.last_day.isoformat())
    assert told["total"]["period"] == published.total == 117
    counted = {table["id"]: period_of(table) for table in told["tables"]}
    for name, rows in published.tables.items():
        shown = {row: figure for row, figure in counted[name].items() if row in rows or figure}
        assert list(shown.items()) == list(rows.items()), name
    csv = desk.ask("GET", "/reports/provincial", params={
        "province": "54", "from": "2024-02-01", "to": "2024-08-28", "format": "csv"}).text  # fmt: skip
    assert "117" in csv


def test_a_case_that_moves_after_intake_stays_where_it_was_counted(
    here: Office, alice: HttpPhone, province: Province
) -> None:
    from tests.acceptance.records import made_case, outcomes

    desk, other = here.desk(f"social_worker@{province.scope}"), province.districts[1]
    case = made_case(alice, province, received_on="2026-01-05")
    move = {"area": [province.tambon, other], "team": [province.day_team, province.night_team]}
    assert outcomes(alice.push([alice.update("case", case, alice.version(case), set=move)])) == ["applied"]
    told = report(desk, province, "2026-01-01", "2026-01-31")
    [districts] = [period_of(table) for table in told["tables"] if table["id"] == "district"]
    assert {district: count for district, count in districts.items() if count} == {province.district: 1}


# --- scenario 8


@pytest.fixture
def anong(here: Office, province: Province) -> Kit:
    return here.kit(f"rru_member@team:{province.day_team}")


@pytest.fixture
def boon(here: Office, province: Province) -> Kit:
    return here.kit(f"rru_member@team:{province.day_team}")


def payment(case: str, day: str, **more: Any) -> dict[str, Any]:
    money = {"kind": "money", "fund": "low_income_destitute", "amount_satang": 200_000}
    return {"case": case, "given_on": day, "operation": "give_help", **money, **more}


def test_a_fourth_payment_that_comes_late_from_offline_is_kept_and_flagged(
    anong: Kit, boon: Kit, alice: HttpPhone, province: Province
) -> None:
    _, case = anong.save(
        {"type": "person", "as": "p", "data": {"first_name": "มะลิ", "sex": "female"}},
        {"type": "case", "data": {
            "affected_person": "@p", "intake_channel": "walk_in", "intake_district": province.district,
            "area": province.tambon, "team": province.day_team}},
    )  # fmt: skip
    anong.sync()
    boon.sync()
    days = [(bangkok_date(now()) - timedelta(days=each)).isoformat() for each in (9, 6, 5, 4)]
    if len({fiscal_year(day) for day in days}) > 1:
        days = [days[-1]] * 4
    late = boon.new("assistance", **payment(case, days[0]))
    on_time = [anong.new("assistance", **payment(case, day)) for day in days[1:]]
    assert anong.sync()["outcomes"] == {"applied": 3}
    assert boon.sync()["outcomes"] == {"applied": 1}
    anong.sync()
    for kit in (anong, boon):
        paid = kit.all("assistance")
        flags = {each: data.get("over_limit", False) for each, data in paid.items()}
        assert flags == {**dict.fromkeys(on_time, False), late: True}
        assert (paid[late]["amount_satang"], "4" in paid[late]["over_limit_reason"]) == (200_000, True)
    assert len(alice.pull().of_type("assistance")) == 4
    assert boon.outbox() == []


def test_a_payment_over_the_ceiling_is_kept_and_flagged(anong: Kit, alice: HttpPhone, province: Province) -> None:
    from tests.acceptance.records import made_case

    case = made_case(alice, province)
    anong.sync()
    paid = anong.new("assistance", **payment(case, bangkok_date(now()).isoformat(), amount_satang=300_001))
    assert anong.sync()["outcomes"] == {"applied": 1}
    assert anong.show(paid)["data"]["over_limit"] is True


# --- scenario 9


@pytest.mark.parametrize("clock_error", [YEAR, -YEAR, timedelta(days=3650), -timedelta(days=3650)],
                         ids=["a year fast", "a year slow", "ten years fast", "ten years slow"])  # fmt: skip
def test_a_clock_that_is_wrong_by_years_changes_no_figure(
    here: Office, province: Province, clock_error: timedelta
) -> None:
    """Nobody types the day of intake; the device fills it in from a clock that the centre knows to be wrong."""
    desk = here.desk(f"social_worker@{province.scope}")
    kit = here.kit(f"rru_member@team:{province.day_team}", clock_error=clock_error)
    before = bangkok_date(now()).isoformat()
    case = kit.new("case", intake_channel="walk_in", intake_district=province.district,
                   area=province.tambon, team=province.day_team)  # fmt: skip
    visit = kit.new("visit", case=case)
    wrong = kit.show(case)["data"]["received_on"]
    assert wrong[:4] != before[:4]

    assert kit.sync()["outcomes"] == {"applied": 2}

    after = bangkok_date(now()).isoformat()
    assert before <= kit.show(case)["data"]["received_on"] <= after
    assert before <= kit.show(visit)["data"]["visited_on"] <= after
    told = report(desk, province, before, after)
    assert (told["total"]["period"], told["fiscal_year"]) == (1, fiscal_year(after))
    assert report(desk, province, wrong, wrong)["total"]["period"] == 0


@pytest.mark.parametrize("clock_error", [YEAR, -YEAR], ids=["a year fast", "a year slow"])
def test_a_clock_put_right_before_the_sync_still_leaves_the_day_between_the_two_contacts(
    here: Office, province: Province, clock_error: timedelta
) -> None:
    kit = here.kit(f"rru_member@team:{province.day_team}", clock_error=clock_error)
    before = bangkok_date(now()).isoformat()
    case = kit.new("case", intake_channel="walk_in", intake_district=province.district,
                   area=province.tambon, team=province.day_team)  # fmt: skip
    kit.clock_error = timedelta()
    assert kit.sync()["outcomes"] == {"applied": 1}
    assert before <= kit.show(case)["data"]["received_on"] <= bangkok_date(now()).isoformat()


def test_a_day_that_somebody_typed_stays_as_it_was_typed(here: Office, province: Province) -> None:
    kit = here.kit(f"rru_member@team:{province.day_team}", clock_error=YEAR)
    case = kit.new("case", intake_channel="walk_in", intake_district=province.district, area=province.tambon,
                   team=province.day_team, received_on="2026-02-03")  # fmt: skip
    assert kit.sync()["outcomes"] == {"applied": 1}
    assert kit.show(case)["data"]["received_on"] == "2026-02-03"
