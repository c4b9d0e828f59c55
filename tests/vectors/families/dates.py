"""Days: as typed, as shown, and the Bangkok day of an instant. A second calendar counts days by itself."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from field_kit.cli.display import day as shown_day
from field_kit.cli.display import moment
from schemas.thai import (
    MONTHS,
    SHORT_MONTHS,
    bangkok_date,
    fiscal_year,
    fiscal_year_start,
    parse_thai_date,
    thai_date,
)
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
DAYS_OF_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_day(year: int, month: int, day: int) -> bool:
    """Tell whether the proleptic Gregorian calendar has a day, by its rule alone."""
    if not (1 <= year <= 9999 and 1 <= month <= 12):
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= DAYS_OF_MONTH[month - 1] + (month == 2 and leap)


# --- as typed

TYPED = (
    "28/8/2567", "28/08/2567", "28-8-2567", "28.8.2567", "28 8 2567", "๒๘/๘/๒๕๖๗", "28 ส.ค. 2567", "28 สิงหาคม 2567",
    "28สิงหาคม2567", "28ส.ค.2567", "28 สิงหาคม พ.ศ. 2567", "28 สิงหาคม พ.ศ.2567", "๒๘ สิงหาคม ๒๕๖๗", "2024-08-28",
    "2567-08-28", "2024-8-28", " 28/8/2567 ", "28/8/2024", "29/2/2567", "29/2/2566", "29/2/2568", "29/2/2443",
    "29/2/2543", "29/2/2643", "29 ก.พ. 2567", "๒๙ ก.พ. ๒๕๖๗", "29 กุมภาพันธ์ 2566", "2024-02-29", "2023-02-29",
    "2567-02-29", "2566-02-29", "31/4/2567", "30/4/2567", "31/12/2567", "1/1/2568", "32/1/2567", "0/1/2567",
    "1/0/2567", "1/13/2567", "31/6/2567", "1/1/2399", "1/1/2400", "1/1/2600", "1/1/2599", "31/12/2400", "31/12/2399",
    "1/1/1999", "1/1/9999", "1/1/0001", "1/1/0000", "1/1/0542", "28/8/67", "28/8", "8/2567", "2567", "", " ", "วันนี้",
    "28 สค 2567", "28 ส.ค 2567", "28 August 2024", "28 Aug 2567", "28 มีนาคมม 2567", "28/8/2567 10:00", "28//2567",
    "28/8-2567", "2567/8/28", "28 8/2567", "128/8/2567", "28/8/25670", "-28/8/2567", "28 พ.ศ. 2567",
    "28 พ.ย. พ.ศ. 2567",
    "28\u00a0ส.ค.\u00a02567", "\u200b28/8/2567", "28/8/2567\n", "28\t8\t2567", "٢٨/٨/٢٥٦٧", "२८/८/२५६७", "28 ส.ค. ٢٥٦٧",
    "２８/８/２５６７", "28 ม.ค. 2567", "28 มิ.ย. 2567", "28 มี.ค. 2567", "1 เม.ย. 2484", "31 มี.ค. 2484", "1 ม.ค. 2484",
    "เมษายน 2567", "ส.ค. 2567", "พ.ศ. 2567", "08.2567", "13/2567", "0/2567", "๘/๒๕๖๗", "๒๕๖๗", "2400", "2399", "9999",
    "0000",
)  # fmt: skip


def draw_typed(dice: Dice) -> Iterator[Drawn]:
    for text in TYPED:
        yield "by hand", {"text": text}
    for at, (name, short) in enumerate(zip(MONTHS, SHORT_MONTHS, strict=True)):
        yield "a month's last day", {"text": f"{DAYS_OF_MONTH[at]} {name} {2560 + at}"}
        yield "a month by its short name", {"text": f"{at + 1}{dice.pick((' ', ''))}{short} {2540 + at}"}
    for year in (2400, 2404, 2443, 2444, 2483, 2484, 2500, 2535, 2543, 2547, 2566, 2567, 2568, 2572, 2600, 2643):
        yield "29 February", {"text": f"29/2/{year}"}
        yield "the last day of a year", {"text": f"31/12/{year}"}
    for _ in range(130):
        day, month, year = dice.between(1, 32), dice.between(1, 13), dice.between(2400, 2600)
        year -= 543 * dice.chance(20)
        form = dice.below(5)
        text = (
            f"{day}/{month}/{year}", f"{day:02d}-{month:02d}-{year}", f"{year}-{month:02d}-{day:02d}",
            f"{day} {MONTHS[min(month, 12) - 1]} {year}", f"{day} {SHORT_MONTHS[min(month, 12) - 1]} พ.ศ. {year}",
        )[form]  # fmt: skip
        yield "drawn", {"text": text.translate(THAI) if dice.chance(30) else text}


def run_typed(given: Json) -> Json:
    found = parse_thai_date(given["text"])
    return {"day": found.isoformat() if found else None, "partial": _partial(given["text"])}


def _partial(text: str) -> Any:
    from field_kit.cli.typed import Typing
    from field_kit.errors import BadValue
    from schemas.records import RECORD_TYPES

    person = RECORD_TYPES["person"]
    typing = Typing(None, person, "th")  # type: ignore[arg-type]  # days are read without a device
    plain = text.strip()
    if not plain:
        return None
    try:
        day, precision = typing.partial_day(person.fields["birth_date"], plain)
    except BadValue:
        return None
    return {"day": day, "precision": precision}


def day_by_hand(text: str) -> str | None:
    text = text.translate({ord(thai): str(at) for at, thai in enumerate("๐๑๒๓๔๕๖๗๘๙")}).strip(" \t\n\u00a0")
    numbers = [int(each) for each in re.findall("[0-9]+", text)]
    if re.fullmatch("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", text):
        year, month, day = numbers
    elif re.fullmatch("[0-9]{1,2}[ ./-][0-9]{1,2}[ ./-][0-9]{4}", text):
        day, month, year = numbers
    elif re.fullmatch("[0-9]{1,2}[^0-9]+[0-9]{4}", text):
        name = text[len(str(re.match("[0-9]+", text)[0])) : -4].strip().removesuffix("พ.ศ.").strip()  # type: ignore[index]
        known = [*MONTHS, *SHORT_MONTHS]
        if name not in known:
            return None
        day, year = numbers
        month = known.index(name) % 12 + 1
    else:
        return None
    year -= 543 if year >= 2400 else 0
    return f"{year:04d}-{month:02d}-{day:02d}" if is_day(year, month, day) else None


def check_typed(given: Json, expect: Json) -> None:
    agree(expect["day"], day_by_hand(given["text"]))
    partial = expect["partial"]
    if expect["day"] and partial and partial["precision"] == "day":
        assert partial["day"] == expect["day"], "a whole day is another day as a partial one"
    if partial and partial["precision"] != "day":
        assert partial["day"].endswith("-01-01" if partial["precision"] == "year" else "-01"), "unknown parts are 01"
        assert expect["day"] is None, "what is partial is no day"


def sorts_typed(given: Json, expect: Json) -> Iterator[str]:
    if expect["day"] is None and expect["partial"] is None:
        yield "unreadable"
    if expect["partial"] and expect["partial"]["precision"] != "day":
        yield f"only the {expect['partial']['precision']}"
    if expect["day"]:
        yield "a day"
        if expect["day"].endswith("02-29"):
            yield "29 February"
        if expect["day"][:4] not in given["text"]:
            yield "a year of the Buddhist era"


DATES_TYPED = Family(
    name="dates_typed",
    side="client",
    function="schemas.thai.parse_thai_date; field_kit.cli.typed.Typing.partial_day",
    about="A day as somebody typed it. `day`: the day as ISO text, null where it cannot be read. A year of 2400 or "
    "later "
    "is พ.ศ. (take 543 away). `partial`: the same where a year or a month alone is allowed too; unknown parts are 01, "
    "and `precision` says what is known (day, month, year). Only Thai and Arabic (0 to 9) digits count.",
    draw=draw_typed,
    run=run_typed,
    sorts=sorts_typed,
    check=check_typed,
    classes=frozenset(
        {"unreadable", "only the year", "only the month", "a day", "29 February", "a year of the Buddhist era"}
    ),
)

# --- as shown


def draw_shown(dice: Dice) -> Iterator[Drawn]:
    days = [
        "2024-02-29", "2023-03-01", "2024-12-31", "2025-01-01", "1857-01-01", "2057-12-31", "1800-01-01", "2300-12-31",
        "2000-02-29", "1900-02-28", "2024-09-30", "2024-10-01", "2026-11-23",
    ]  # fmt: skip
    days += [(date(1857, 1, 1) + timedelta(days=dice.below(73_000))).isoformat() for _ in range(50)]
    for day in days:
        for precision in ("day", "month", "year", "unknown"):
            yield f"known to the {precision}", {"day": day, "precision": precision}


def run_shown(given: Json) -> Json:
    day, precision = given["day"], given["precision"]
    return {
        "long": thai_date(day, precision=precision),
        "short": thai_date(day, short=True, precision=precision),
        "form_th": shown_day(day, "th", precision),
        "form_en": shown_day(day, "en", precision),
        "fiscal_year": fiscal_year(day),
        "fiscal_year_start": fiscal_year_start(day).isoformat(),
    }


def check_shown(given: Json, expect: Json) -> None:
    year, month, day = map(int, given["day"].split("-"))
    names = {"day": f"{day} {{}} {year + 543}", "month": f"{{}} {year + 543}", "year": f"พ.ศ. {year + 543}"}
    form = names.get(given["precision"], "ไม่ทราบ")
    fiscal = year + 543 + (1 if month in (10, 11, 12) else 0)
    twin = {"long": form.format(MONTHS[month - 1]), "short": form.format(SHORT_MONTHS[month - 1])}
    twin |= {"fiscal_year": fiscal, "fiscal_year_start": f"{fiscal - 544}-10-01"}
    agree({name: expect[name] for name in twin}, twin)
    if given["precision"] == "day" and year >= 1857:  # before that its Buddhist year is below 2400
        assert day_by_hand(expect["long"]) == given["day"], "what is shown is read as another day"
        assert day_by_hand(expect["form_th"]) == given["day"], "what is shown is read as another day"


DATES_SHOWN = Family(
    name="dates_shown",
    side="client",
    function="schemas.thai: thai_date, fiscal_year, fiscal_year_start; field_kit.cli.display.day",
    about="A stored day as people read it, with as much of it as is known (`precision`). `long` and `short`: in words; "
    "`form_th` and `form_en`: in lists. Thai years are พ.ศ. `fiscal_year` (พ.ศ.) begins on 1 October of the year "
    "before.",
    draw=draw_shown,
    run=run_shown,
    sorts=lambda given, expect: [
        given["precision"], "October or later" if given["day"][5:7] >= "10" else "before October",
        "29 February" if given["day"].endswith("02-29") else "another day",
    ],
    check=check_shown,
    classes=frozenset({"day", "month", "year", "unknown", "October or later", "before October", "29 February"}),
)  # fmt: skip

# --- of instants

INSTANTS = (
    "2026-11-23T16:59:59.999Z", "2026-11-23T17:00:00.000Z", "2026-12-31T16:59:59.999Z", "2026-12-31T17:00:00.000Z",
    "2024-02-28T17:00:00.000Z", "2024-02-29T16:59:59.999Z", "2023-02-28T17:00:00.000Z", "2026-09-30T16:59:59.000Z",
    "2026-09-30T17:00:00.000Z", "2026-11-23T23:30:00+07:00", "2026-11-24T00:00:00+07:00", "2026-11-23T20:00:00-05:00",
    "2026-11-23T00:00:00Z", "2026-11-23T12:00:00+00:00",
)  # fmt: skip


def draw_instants(dice: Dice) -> Iterator[Drawn]:
    for text in INSTANTS:
        yield "by hand", {"instant": text}
    for _ in range(110):
        when = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(milliseconds=dice.below(2_000_000_000_000))
        if dice.chance(50):
            when = when.replace(hour=dice.pick((16, 17)), minute=dice.pick((0, 59)), second=dice.pick((0, 59)))
        yield "drawn", {"instant": when.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def run_instants(given: Json) -> Json:
    day = bangkok_date(given["instant"])
    return {
        "day": day.isoformat(),
        "fiscal_year": fiscal_year(day),
        "shown_th": moment(given["instant"], "th"),
        "shown_en": moment(given["instant"], "en"),
    }


def check_instants(given: Json, expect: Json) -> None:
    """Count seconds: an instant's day in Bangkok is that of the UTC instant seven hours later."""
    seconds = datetime.fromisoformat(given["instant"].replace("Z", "+00:00")).timestamp() + 7 * 3600
    there = datetime.fromtimestamp(seconds, UTC)
    agree(expect["day"], f"{there.year:04d}-{there.month:02d}-{there.day:02d}")
    agree(expect["shown_en"], f"{expect['day']} {there.hour:02d}:{there.minute:02d}")
    agree(expect["shown_th"], f"{there.day}/{there.month}/{there.year + 543} {there.hour:02d}:{there.minute:02d}")
    assert expect["fiscal_year"] == there.year + 543 + (there.month > 9)


DAYS_OF_INSTANTS = Family(
    name="days_of_instants",
    side="client",
    function="schemas.thai: bangkok_date, fiscal_year; field_kit.cli.display.moment",
    about="An instant, and the day that it is in Bangkok (UTC+7, always), with its fiscal year and how a screen says "
    "it.",
    draw=draw_instants,
    run=run_instants,
    sorts=lambda given, expect: [
        "another day than in UTC" if expect["day"] != given["instant"][:10] else "the same day",
        "1 January" if expect["day"].endswith("01-01") else "another",
    ],
    check=check_instants,
    classes=frozenset({"another day than in UTC", "the same day", "1 January"}),
)  # fmt: skip
