"""Thai text: the stored form, the form for matching, digits, titles."""

import unicodedata
from collections.abc import Iterator

from schemas.thai import OUTER_SPACE, TITLES, arabic_digits, search_text, stored_text, without_title
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree

TONES = "\u0e48\u0e49\u0e4a\u0e4b"
BY_HAND = (
    "", " ", "ก", "น้ำ", "นํา", "นํ้า", "น้ํา", "ํา", "า", "ํ", "ํ่้า", "กำํา", "นํ า", "ทํ\u200bา",
    "เเม่", "แม่", "เเเม่", "เเเเ", "เเพร่", "เ เ", "เ\u200bเ",
    "กุ่", "กุ่", "ก้ิ", "กิ้", "ปู่", "ปู่", "ญ\u0e39้", "กฺุ", "ฐ\u0e38้",
    "๐๑๒๓๔๕๖๗๘๙", "วันที่ ๒๙ ก.พ. ๒๕๖๗", "โทร ๐๘๑-๒๓๔-๕๖๗๘", "5๕",
    "\u3000ก\u00a0", "\ufeffก\ufeff", "\u200bก\u200b", "ก\u200cข\u200dค\u2060ง", "\u2028ก\u2029", "\u0085ก\u0085",
    "\u1680ก", "\x1cก\x1f", "ก\x1cข", "ก\u0085ข", "ก\u2028ข", "\t\n\v\f\r ก \r\f\v\n\t", "ก  ข   ค", "ก\u00a0\u00a0ข",
    "cafe\u0301", "caf\u00e9", "\u212b", "\ufb01", "ÅÄÖ", "STRASSE", "Straße", "ΣΑΣ", "ǅ", "Hello World",
    "😀", "👩‍👧", "ก😀", "👍🏽", "\U0001f1f9\U0001f1ed", "𝒜", "नमस्ते", "မြန်မာ", "ລາວ", "ខ្មែរ", "한국",
    "\u1112\u1161\u11ab",
    "นายสมชาย", "นาย สมชาย", "นางสาวมะลิ", "นางมะลิ", "นาง", "นาย", "น.ส.มะลิ", "น.ส. มะลิ", "ด.ช.ก้อง", "ด.ญ. ฟ้า",
    "เด็กชายก้อง", "เด็กหญิง ฟ้า", "พระมหาสมชาย", "พระภิกษุสมชาย", "สามเณรน้อย", "แม่ชีบัว", "เเม่ชีบัว", "คุณมะลิ", "คุณ  มะลิ",
    "Mr. Somchai", "Mr Somchai", "MR.SOMCHAI", "Mrinal", "mrs", "Mrs. Mali", "Missy", "Miss Mali", "ms", "Ms.Mali",
    "Msgr", "mister x", "misterx", "นายนายก", "นาย\u200bสมชาย", "นาย\u00a0สมชาย", "ๆ", "ฯ", "กรุงเทพฯ", "ต่าง ๆ", "ต่างๆ",
    "฿100", "a\u0301\u0323", "a\u0323\u0301", "\ud83d", "ก\udc00",
)  # fmt: skip
PIECES = (
    *"กขคงจชดตนบปผพมยรลวสหอ", *"ะาิีุูเแโใไ", *TONES, "\u0e4d", "\u0e4dา", "\u0e4d้า", "้\u0e4dา", "เเ", "ำ", "์", "็", "ั",
    " ", "  ", "\u200b", "\u00a0", "๑", "๗", "๐", "7", "A", "z", "é", "e\u0301", "\ufeff", "😀", "-", "\n", "\t",
)  # fmt: skip


def draw(dice: Dice) -> Iterator[Drawn]:
    for text in BY_HAND:
        yield "by hand", {"text": text}
    for title in TITLES:
        for form in (title + "มะลิ", title + " mali", title.upper() + " Mali", title, " " + title + "  มะลิ"):
            yield "a title", {"text": form}
    for _ in range(170):
        yield "mixed", {"text": dice.text(PIECES, 1, 14)}


def run(given: Json) -> Json:
    text = given["text"]
    return {
        "arabic_digits": arabic_digits(text),
        "search": search_text(text),
        "stored": stored_text(text),
        "without_title": without_title(text),
    }


def stored_by_hand(text: str) -> str:
    """Walk through the characters: ํ, any tones, า becomes the tones and ำ."""
    out, at = "", 0
    while at < len(text):
        end = at + 1
        while end < len(text) and text[end] in TONES:
            end += 1
        if text[at] == "\u0e4d" and end < len(text) and text[end] == "\u0e32":
            out, at = out + text[at + 1 : end] + "\u0e33", end + 1
        else:
            out, at = out + text[at], at + 1
    out = unicodedata.normalize("NFC", out)
    while out and out[0] in OUTER_SPACE:
        out = out[1:]
    while out and out[-1] in OUTER_SPACE:
        out = out[:-1]
    return out


def digits_by_hand(text: str) -> str:
    return "".join("0123456789"["๐๑๒๓๔๕๖๗๘๙".index(each)] if each in "๐๑๒๓๔๕๖๗๘๙" else each for each in text)


def search_by_hand(text: str) -> str:
    plain = "".join(each for each in stored_by_hand(text) if each not in "\u200b\u200c\u200d\u2060\ufeff")
    while "เเ" in plain:
        before, _, after = plain.partition("เเ")
        plain = f"{before}แ{after}"
    return " ".join(stored_by_hand(digits_by_hand(plain).casefold()).split())


def check(given: Json, expect: Json) -> None:
    text = given["text"]
    twin = {"arabic_digits": digits_by_hand(text), "stored": stored_by_hand(text), "search": search_by_hand(text)}
    agree({name: expect[name] for name in twin}, twin)
    assert stored_text(expect["stored"]) == expect["stored"], "stored twice is not stored once"
    assert search_text(expect["search"]) == expect["search"], "searched twice is not searched once"
    assert search_text(expect["stored"]) == expect["search"], "what is stored is found otherwise than what was typed"
    gone = expect["search"].removesuffix(expect["without_title"]).strip()
    assert gone in ("", *map(search_text, TITLES)), f"more than a title went: {gone}"


def sorts(given: Json, expect: Json) -> Iterator[str]:
    text, stored = given["text"], expect["stored"]
    if "\u0e4d" in text and stored.count("\u0e33") > text.count("\u0e33"):
        yield "ํ and า became ำ"
    if text.strip(OUTER_SPACE) != text:
        yield "outer space went"
    if unicodedata.normalize("NFC", text) != text:
        yield "NFC changed it"
    if expect["arabic_digits"] != text:
        yield "Thai digits"
    if "เเ" in text and "แ" in expect["search"]:
        yield "เเ is read as แ"
    if any(each in text for each in "\u200b\u200c\u200d\u2060"):
        yield "invisible characters"
    if expect["search"] != expect["search"].upper() and stored != expect["search"]:
        yield "letters were folded"
    yield "a title went" if expect["without_title"] != expect["search"] else "no title"
    if stored == text:
        yield "stored as typed"


THAI_TEXT = Family(
    name="thai_text",
    side="client",
    function="schemas.thai: stored_text, search_text, arabic_digits, without_title",
    about="A text as somebody typed it. `stored`: the one form in which it travels and is kept (NFC, ํ + า is ำ, no "
    "outer "
    "white space). `search`: the form in which it is sought and found; what is sought and what is searched both go "
    "through it. `arabic_digits`: Thai digits as 0 to 9, nothing else changed. `without_title`: the form for matching "
    "names, without one title before it.",
    draw=draw,
    run=run,
    sorts=sorts,
    check=check,
    classes=frozenset(
        {
            "ํ and า became ำ", "outer space went", "NFC changed it", "Thai digits", "เเ is read as แ",
            "invisible characters", "letters were folded", "a title went", "no title", "stored as typed",
        }
    ),
)  # fmt: skip
