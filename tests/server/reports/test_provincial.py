"""The provincial report: its rows, their order, how fresh it is."""

from datetime import UTC, date, datetime

from schemas.base import Label
from schemas.vocabulary import VOCABULARIES
from server.reports.counting import Period
from server.reports.layout import Layout, rows_of
from server.reports.provincial import ProvincialReport
from tests.server.reports.store import AUGUST, Store


def rows(report: ProvincialReport, table: str) -> list[tuple[str, int]]:
    (found,) = (each for each in report.tables if each.id == table)
    return [(line.row.id, line.figures.period) for line in found.lines]


PRINTED = {
    "district": "5401 5405 5406 5404 5402 5403 5407 5408",
    "channel": "hotline_1300 operations_centre walk_in unlabelled line_chat ess_line_oa agency_referral",
    "target_group": "child youth adult person_with_disability elderly",
    "problem": "income_livelihood rights_welfare_law health_accident_urgent family_relationship violence "
    "homeless_begging family_behaviour other",
    "sex": "male female",
    "severity": "level_1 level_2 level_3 level_4",
    "operation": "give_help coordinate give_advice",
}


def test_rows_of_zero_are_printed_in_the_published_order(store: Store) -> None:
    report = store.report()
    assert {each.id: rows(report, each.id) for each in report.tables} == {
        name: [(row, 0) for row in printed.split()] for name, printed in PRINTED.items()
    }


def test_the_province_and_its_districts_have_their_names(store: Store) -> None:
    report = store.report()
    assert report.name == Label("แพร่", "Phrae")
    assert [line.row.label.th for line in report.tables[0].lines] == [
        "เมืองแพร่", "เด่นชัย", "สอง", "สูงเม่น", "ร้องกวาง", "ลอง", "วังชิ้น", "หนองม่วงไข่",
    ]  # fmt: skip


def test_districts_without_a_set_place_are_printed_by_code(store: Store) -> None:
    names = {code: Label(code, code) for code in ("5003", "5001", "5002")}
    assert [row.id for row in Layout().district("50", names)] == ["5001", "5002", "5003"]
    moved = Layout(district_order={"50": ("5002",)})
    assert [row.id for row in moved.district("50", names)] == ["5002", "5001", "5003"]


def test_the_row_order_of_every_table_may_be_set(store: Store) -> None:
    turned = Layout(sex=tuple(reversed(rows_of("sex"))))
    assert [row.id for row in turned.sex] == ["female", "male"]


def test_every_channel_lands_in_a_printed_row_or_in_other(store: Store) -> None:
    for channel in VOCABULARIES["channel"].codes:
        store.case(intake_channel=channel)
    assert rows(store.report(), "channel") == [
        ("hotline_1300", 1), ("operations_centre", 1), ("walk_in", 1), ("unlabelled", 1), ("line_chat", 1),
        ("ess_line_oa", 1), ("agency_referral", 1), ("other", 5),
    ]  # fmt: skip
    assert store.report().unmapped_channels == ()


def test_a_channel_this_version_does_not_know_counts_as_other_and_is_named(store: Store) -> None:
    store.case(intake_channel="pigeon_post")
    store.case(intake_channel=None)
    report = store.report()
    assert rows(report, "channel")[-2:] == [("other", 1), ("unknown", 1)]
    assert report.unmapped_channels == ("pigeon_post",)


def test_problems_this_version_does_not_know_count_as_other(store: Store) -> None:
    store.case(problems=["violence", "loneliness"])
    assert store.figures("problem") == {"violence": 1, "other": 1}


def test_every_table_of_cases_sums_to_the_total(store: Store) -> None:
    store.case(person={"sex": "male", "age_band": "18_25"}, severity="level_1")
    store.case(intake_district="5400", intake_channel="other")
    report = store.report()
    assert {each.id: each.total.period for each in report.tables if not each.note} == {
        "district": 2, "channel": 2, "target_group": 2, "sex": 2, "severity": 2,
    }  # fmt: skip


def test_devices_not_heard_of_since_the_period_ended_are_counted(store: Store) -> None:
    team, elsewhere = store.add("team", name="Night", province="54"), store.add("team", name="Day", province="10")
    before, after = "2024-08-31T16:59:59.999Z", "2024-08-31T17:00:00.000Z"  # midnight in Bangkok
    store.device("province", "province:54", before)
    store.device("district", "district:5403", before)
    store.device("tambon", "tambon:540101", before)
    store.device("village", "village:54010103", before)
    store.device("team", f"team:{team}", before)
    store.device("team of a district", f"team:{store.add('team', name='Evening', district='5401')}", before)
    store.device("heard", "province:54", after)
    store.device("revoked", "province:54", before, revoked_at=after)
    store.device("other team", f"team:{elsewhere}", before)
    store.device("other province", "province:10", before)
    store.device("nation", "nation", before)
    assert store.report().silent_devices == 6


def test_while_the_period_lasts_no_device_is_silent(store: Store) -> None:
    store.device("province", "province:54", "2024-01-01T00:00:00.000Z")
    last_evening = datetime(2024, 8, 31, 16, 59, tzinfo=UTC)
    midnight = datetime(2024, 8, 31, 17, 0, tzinfo=UTC)
    assert store.report(now=last_evening).silent_devices is None
    assert store.report(now=midnight).silent_devices == 1


def test_a_report_says_when_and_at_which_commit_it_was_counted(store: Store) -> None:
    report = store.report(Period(date(2024, 2, 1), date(2024, 8, 28)))
    assert (report.as_of, report.commit, report.period.last) == (
        datetime(2024, 9, 2, 3, 0, tzinfo=UTC),
        0,
        date(2024, 8, 28),
    )
    assert AUGUST.month_start == date(2024, 8, 1)
