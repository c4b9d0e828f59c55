"""Thai text and Thai dates: the stored form, the form for matching, titles, พ.ศ., fiscal years.

Pure and light: nothing here loads a dictionary, so a kit starts quickly.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

BANGKOK = timezone(timedelta(hours=7))
BUDDHIST_ERA = 543

OUTER_SPACE = (
    "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript's ``trim`` removes, spelled out so that phone and centre store the same text."""

_SPLIT_AM = re.compile("\u0e4d([\u0e48-\u0e4b]*)\u0e32")
_DOUBLED_E = re.compile("\u0e40\u0e40")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
_THAI_DIGITS = {ord("๐") + digit: str(digit) for digit in range(10)}

TITLES = (
    "เด็กหญิง", "เด็กชาย", "นางสาว", "นาง", "นาย", "ด.ญ.", "ด.ช.", "น.ส.", "พระภิกษุ", "สามเณร", "พระ", "แม่ชี", "คุณ",
    "mister", "miss", "mrs.", "mrs", "mr.", "mr", "ms.", "ms",
)  # fmt: skip
"""Titles that matching ignores, the longer before its own beginning. Stored names keep theirs."""

MONTHS = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip
SHORT_MONTHS = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")


def stored_text(text: str) -> str:
    """Return the one stored form of a text: NFC, ํ + า written as ำ, no outer white space.

    Nothing else that was typed is lost. Applying it twice changes nothing.
    """
    return unicodedata.normalize("NFC", _SPLIT_AM.sub("\\1\u0e33", text)).strip(OUTER_SPACE)


def search_text(text: str) -> str:
    """Return the form for matching; both the text and what is sought go through it."""
    plain = _DOUBLED_E.sub("แ", _INVISIBLE.sub("", stored_text(text))).translate(_THAI_DIGITS)
    return " ".join(stored_text(plain.casefold()).split())


def arabic_digits(text: str) -> str:
    """Return the text with Thai digits written as Arabic ones."""
    return text.translate(_THAI_DIGITS)


def without_title(name: str) -> str:
    """Return a person's name without the title before it, in the form for matching."""
    plain = search_text(name)
    for title in TITLES:
        if plain.startswith(title) and (rest := plain[len(title) :].strip()):
            # a Latin title ends at a space or a full stop: «Mrinal» is a name
            if title.isascii() and not title.endswith(".") and plain[len(title)] != " ":
                continue
            return rest
    return plain


def bangkok_date(instant: str | datetime) -> date:
    """Return the calendar day in Bangkok of an instant (aware, or RFC 3339 text)."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(BANGKOK).date()


def fiscal_year(day: date | str) -> int:
    """Return the Thai fiscal year (พ.ศ.) of a Bangkok day: 1 October begins the next one."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return day.year + BUDDHIST_ERA + (day.month >= 10)


def fiscal_year_start(day: date | str) -> date:
    """Return the 1 October with which the fiscal year of a Bangkok day began."""
    return date(fiscal_year(day) - BUDDHIST_ERA - 1, 10, 1)


def thai_date(day: date | str, *, short: bool = False, precision: str = "day") -> str:
    """Return a day as shown, such as «28 สิงหาคม 2567»; less of it when less is known."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    year = str(day.year + BUDDHIST_ERA)
    if precision == "unknown":
        return "ไม่ทราบ"
    if precision == "year":
        return f"พ.ศ. {year}"
    month = (SHORT_MONTHS if short else MONTHS)[day.month - 1]
    return f"{month} {year}" if precision == "month" else f"{day.day} {month} {year}"


def parse_thai_date(text: str) -> date | None:
    """Return the day that «28/8/2567», «28 ส.ค. 2567» or «2024-08-28» means, or ``None``.

    A year of 2400 or later is read as พ.ศ.: no living person and no case has such a year CE. Digits are Thai or Arabic
    ones, of no other script.
    """
    plain = arabic_digits(stored_text(text))
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", plain):
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})", plain):
        day, month, year = map(int, found.groups())
    elif found := re.fullmatch(r"([0-9]{1,2})\s*(\D+?)\s*(?:พ\.ศ\.\s*)?([0-9]{4})", plain):
        name = found[2]
        if name not in MONTHS and name not in SHORT_MONTHS:
            return None
        month = (MONTHS if name in MONTHS else SHORT_MONTHS).index(name) + 1
        day, year = int(found[1]), int(found[3])
    else:
        return None
    try:
        return date(year - BUDDHIST_ERA if year >= 2400 else year, month, day)
    except ValueError:
        return None
