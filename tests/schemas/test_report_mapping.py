"""The mapping tables are total."""

import geothai
import pytest

from schemas.report_mapping import (
    NATION_CHANNELS,
    PROVINCE_CHANNELS,
    PROVINCIAL_GROUPS,
    REGIONS,
    TARGET_GROUP_ROWS,
    Row,
    region_of,
    row_of,
    unmapped_channels,
)
from schemas.vocabulary import VOCABULARIES

CHANNELS = VOCABULARIES["channel"].codes


def test_a_province_prints_seven_rows_in_the_order_of_the_published_report() -> None:
    assert [row.id for row in PROVINCE_CHANNELS] == [
        "hotline_1300", "operations_centre", "walk_in", "unlabelled", "line_chat", "ess_line_oa", "agency_referral",
    ]  # fmt: skip


def test_the_nation_prints_five_rows() -> None:
    assert [row.id for row in NATION_CHANNELS] == [
        "hotline_1300", "social_media", "in_person", "operations_centre", "inspection",
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [PROVINCE_CHANNELS, NATION_CHANNELS])
def test_every_channel_lands_in_one_row(rows: tuple[Row, ...]) -> None:
    landed = [row_of(channel, rows) for channel in CHANNELS]

    assert set(landed) <= {*(row.id for row in rows), "other"}
    assert all(sum(channel in row.codes for row in rows) <= 1 for channel in CHANNELS)
    assert all(code in CHANNELS for row in rows for code in row.codes)


def test_what_has_no_row_counts_in_other() -> None:
    assert unmapped_channels() == (
        "online_news",
        "social_media_watch",
        "inspection_division",
        "volunteer_request",
        "other",
    )
    assert (row_of("online_news"), row_of(None), row_of("")) == ("other", "unknown", "unknown")


def test_the_row_without_a_label_is_the_facebook_page_by_assumption() -> None:
    row = next(row for row in PROVINCE_CHANNELS if row.id == "unlabelled")

    assert (row.codes, row.assumed) == (("facebook_page",), True)


def test_every_target_group_is_printed() -> None:
    assert sorted(TARGET_GROUP_ROWS) == sorted(VOCABULARIES["target_group"].codes)


def test_every_province_is_in_one_of_six_regions() -> None:
    provinces = [str(province.code) for province in geothai.provinces()]
    listed = [code for _, codes in REGIONS.values() for code in codes]

    assert len(REGIONS) == 6
    assert sorted(listed) == sorted(provinces)
    assert (region_of("54"), region_of("10"), region_of("12")) == ("north", "bangkok", "vicinity")


def test_the_group_of_the_upper_south_has_its_seven_provinces() -> None:
    label, provinces = PROVINCIAL_GROUPS["tpso_10"]
    names = {str(province.code): province.name_th for province in geothai.provinces()}

    assert label.th.startswith("สสว. 10")
    assert [names[code] for code in provinces] == [
        "สุราษฎร์ธานี", "นครศรีธรรมราช", "ชุมพร", "กระบี่", "ระนอง", "พังงา", "ภูเก็ต",
    ]  # fmt: skip
