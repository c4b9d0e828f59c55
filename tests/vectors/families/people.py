"""Who may be the same person or incident: sounds of names, keys, scores. And what is derived of a person."""

from collections.abc import Iterator

from schemas.likeness import person_keys, person_likeness
from schemas.likeness.names import names_of, sounds_of
from schemas.likeness.reason import Likeness
from schemas.likeness.weights import ALIKE_ENOUGH, ALWAYS_SHOWN, PERSON
from schemas.thai import search_text
from tests.vectors.dice import Dice
from tests.vectors.families.numbers import synthetic
from tests.vectors.family import Drawn, Family, Json, agree

SPELLINGS = (
    ("สมชาย", "สมชัย", "ซมชาย", "สมชายย์"), ("มะลิ", "มลิ", "มาลี", "มะลี่"), ("พรทิพย์", "พรทิพ", "พอนทิพย์", "ภรทิพย์"),
    ("ณัฐพล", "นัฐพล", "ณัฐพร", "นัทพล"), ("ศิริ", "สิริ", "ศรี", "สิรี"), ("ทองคำ", "ทองคํา", "ธองคำ", "ทองกำ"),
    ("จันทร์", "จัน", "จันทน์", "จันทร"),
    ("กรรณิการ์", "กันนิกา", "กรรณิกา", "กัณณิการ์"), ("ธรรมรัตน์", "ทำมะรัด", "ธัมรัตน์", "ธรรมรัตร์"),
    ("ไพโรจน์", "ใพโรจน์", "ไพโรด", "ภัยโรจน์"),
    ("บุญเรือง", "บุนเรือง", "บุญเรือน", "บุญเรีอง"), ("เเก้ว", "แก้ว", "แกว", "เก้ว"), ("ประเสริฐ", "ปะเสิด", "ประเสิฐ", "ปรเสริฐ"),
    ("อำนวย", "อํานวย", "อำนวน", "อัมนวย"), ("Somchai", "Somchay", "somchai", "SOMCHAI"),
    ("วงศ์ใหญ่", "วงค์ใหญ่", "วงษ์ไหญ่", "วงใหญ่"),
    ("ใจดี", "ไจดี", "ใจดีย์", "จัยดี"), ("หมื่นคำ", "หมื่นคํา", "มื่นคำ", "หมืนคำ"),
    ("อินต๊ะ", "อินตะ", "อินทะ", "อินต้ะ"), ("ฉวีวรรณ", "ชวีวรรณ", "ฉวีวัน", "ฉวีวรรน"),
    ("ฤทธิ์", "ริด", "ฤทธิ", "ริทธิ์"), ("อุดม", "อุดน", "อดม", "อุตม"), ("เพ็ญศรี", "เพ็นศรี", "เพญสี", "เพ็ญสิริ"),
    ("สุรีย์", "สุรี", "ศุรีย์", "สุลี"),
)  # fmt: skip
ODD_NAMES = (
    "", "ไม่ทราบ", "ไม่ทราบชื่อ", "นิรนาม", "unknown", "Unknown man", "-", "?", "123", "ก", "ๆ", "์", "😀", "นาย",
    "คุณ", "นางสาว มะลิ",
    "นายสมชาย", "ด.ช.นายก", "นาย นาง สมชาย", "Mr. John", "O'Brien", "Jean-Luc", "สมชาย ใจดี", "สมชาย  ใจดี  มาก",
    "ส ม ช า ย", "สมชาย2",
    "名前", "José", "ı", "น้ำ\u200bฝน", "(มะลิ)", "มะลิ (ลี)", "ะลิ", "ุ", "เ", "ํ", "ฯ",
)  # fmt: skip
TITLES = ("", "นาย", "นาง", "นางสาว", "น.ส. ", "คุณ", "Mr. ")
HOUSES = ("12/3", "12/3 หมู่ 5", "บ้านเลขที่ 12/3", "๑๒/๓", "7", "99", "ไม่มีเลขที่", "", "12/4")
AREAS = ("540101", "54010103", "54010104", "540102", "5401", "54", "500101")
PHONES = ("0812345678", "0898765432", "053123456", "191", "1300", "+4915112345678")


# --- sounds


def draw_names(dice: Dice) -> Iterator[Drawn]:
    for name in ODD_NAMES:
        yield "odd", {"first_name": name}
        yield "odd last", {"first_name": "มะลิ", "last_name": name}
    for spellings in SPELLINGS:
        for name in spellings:
            title = dice.pick(TITLES)
            yield f"like {spellings[0]}", {"first_name": title + name, "last_name": dice.pick(dice.pick(SPELLINGS))}
    letters = [chr(code) for code in range(0x0E01, 0x0E2F)]
    for letter in letters:
        yield "every consonant", {"first_name": letter + dice.pick("ะาิีุู") + dice.pick(letters)}
        yield "every consonant, silent", {"first_name": "สม" + letter + dice.pick(("์", "ิ์", "ุ์"))}
    for vowel in [chr(code) for code in (*range(0x0E30, 0x0E3B), *range(0x0E40, 0x0E4F))]:
        yield "every vowel and mark", {"first_name": f"ก{vowel}น{dice.pick(letters)}"}
        yield "every vowel and mark first", {"first_name": f"{vowel}กน"}
    for rest in ("รร", "รรม", "รรณ", "ไทย", "ไม", "ใหม่", "ำ", "ำมะ", "ำม"):
        yield "what is spoken otherwise", {"first_name": f"ก{rest}"}
        yield "what is spoken otherwise", {"first_name": f"{rest}กา"}


def run_names(given: Json) -> Json:
    names = names_of(given)
    return {
        part: {"letters": name, **(sounds_of(name)._asdict() if name else {"lk82": "", "udom83": ""})}
        for part, name in names._asdict().items()
    }


def check_names(given: Json, expect: Json) -> None:
    for part in expect.values():
        assert len(part["lk82"]) in (0, 5), "LK82 codes have five characters"
        assert len(part["udom83"]) in (0, 7), "Udom83 codes have seven"
        assert search_text(part["letters"]) == part["letters"], "the letters of a name are in the form for matching"
        again = run_names({"first_name": part["letters"], "last_name": "ก"})["first"]["letters"]
        assert again in (part["letters"], "", "ก") or part["letters"].startswith(
            ("นาย", "นาง", "คุณ", "พระ", "mr", "ms")
        )


SOUND_KEYS = Family(
    name="sound_keys",
    side="client",
    function="schemas.likeness.names: names_of, sounds_of (LK82, Udom83)",
    about="A person's names as matching sees them: no titles, nothing but letters and vowel signs, empty where no "
    "name is known "
    "(a last name typed into the first field is found there); and how each sounds by the two Thai systems LK82 and "
    "Udom83.",
    draw=draw_names,
    run=run_names,
    sorts=lambda given, expect: [
        "no name" if not expect["first"]["letters"] else "a name",
        "a last name in the first field" if not given.get("last_name") and expect["last"]["letters"] else "as typed",
        "latin" if expect["first"]["letters"].isascii() and expect["first"]["letters"] else "thai or none",
    ],
    check=check_names,
    classes=frozenset({"no name", "a name", "a last name in the first field", "latin"}),
)

# --- people


def person(dice: Dice) -> Json:
    first, last = dice.pick(SPELLINGS), dice.pick(SPELLINGS)
    year, month, day = dice.between(1930, 2020), dice.between(1, 12), dice.between(1, 28)
    filled: Json = {
        "first_name": dice.pick(TITLES) + first[0],
        "last_name": last[0],
        "id_number": synthetic(dice),
        "phones": sorted(dice.some(PHONES, 1, 2)),
        "address_area": dice.pick(AREAS),
        "house_number": dice.pick(HOUSES),
        "registered_area": dice.pick(AREAS),
        "registered_house_number": dice.pick(HOUSES),
        "birth_date": f"{year}-{month:02d}-{day:02d}",
        "birth_date_precision": dice.pick(("day", "day", "month", "year", "unknown")),
        "age_band": dice.pick(("under_18", "18_25", "26_59", "60_over", "unknown")),
        "sex": dice.pick(("male", "female", "unknown")),
    }
    return {name: value for name, value in filled.items() if value not in ("", []) and dice.chance(75)}


def retyped(dice: Dice, one: Json) -> Json:
    """Return the same person as somebody else may have typed them."""
    other = dict(one)
    for part in ("first_name", "last_name"):
        row = next((names for names in SPELLINGS if other.get(part, "").endswith(names[0])), None)
        if row and dice.chance(60):
            other[part] = dice.pick(row)
    if "id_number" in other and dice.chance(50):
        number, at = other["id_number"], dice.below(12)
        other["id_number"] = dice.pick((
            number[:at] + str(dice.below(10)) + number[at + 1 :],
            number[:at] + number[at + 1] + number[at] + number[at + 2 :],
            number[:at] + number[at + 1 :], "AA1234567", synthetic(dice),
        ))  # fmt: skip
    if "birth_date" in other and dice.chance(50):
        other["birth_date"] = f"{int(other['birth_date'][:4]) + dice.between(-2, 2)}{other['birth_date'][4:]}"
        other["birth_date_precision"] = dice.pick(("day", "month", "year"))
    if dice.chance(20):
        other |= {"first_name": other.get("last_name", "ก"), "last_name": other.get("first_name", "ข")}
    for name in dice.some(sorted(other), 0, 3):
        fresh = person(dice)
        other |= {name: fresh[name]} if name in fresh else {}
    return {name: value for name, value in other.items() if dice.chance(90)}


def draw_keys(dice: Dice) -> Iterator[Drawn]:
    yield "nobody", {"data": {}}
    yield "a hotline", {"data": {"phones": ["1300", "191"]}}
    yield "twelve digits", {"data": {"id_number": "912345678901"}}
    yield "a very long house", {"data": {"address_area": "540101", "house_number": "บ" * 200, "first_name": "ก" * 100}}
    for _ in range(90):
        yield "drawn", {"data": person(dice)}


def run_keys(given: Json) -> Json:
    return {"keys": sorted(person_keys(given["data"]))}


def check_keys(given: Json, expect: Json) -> None:
    data, keys = given["data"], expect["keys"]
    number = data.get("id_number", "")
    wanted = {f"id:{number}"} if number else set()
    if len(number) == 13:
        wanted |= {f"near:{number[:at] + number[at + 1 :]}" for at in range(13)}
    if len(number) == 12:
        wanted.add(f"near:{number}")
    agree(sorted(key for key in keys if key.startswith(("id:", "near:"))), sorted(wanted))
    long = sorted({f"phone:{phone}" for phone in data.get("phones", []) if len(phone) >= 8})
    agree([key for key in keys if key.startswith("phone:")], long)
    assert all(len(key) <= 80 for key in keys)
    names = run_names(data)
    sounds = {
        f"sound:{system}:{part[system]}" for part in names.values() for system in ("lk82", "udom83") if part[system]
    }
    agree([key for key in keys if key.startswith("sound:")], sorted(sounds))
    if all(part["letters"] for part in names.values()):
        both = {"names:" + "+".join(sorted(part[system] for part in names.values())) for system in ("lk82", "udom83")}
        agree([key for key in keys if key.startswith("names:")], sorted(both))


PERSON_KEYS = Family(
    name="person_keys",
    side="client",
    function="schemas.likeness.person_keys",
    about="The keys of a person record, as a sorted list: only people who share a key are compared. Of a number, its "
    "rests "
    "without each digit (near:); of names, sounds (sound:, names:); telephones from 8 characters on; houses (house:, "
    "home:). "
    "A key has at most 80 characters.",
    draw=draw_keys,
    run=run_keys,
    sorts=lambda given, expect: [*{key.partition(":")[0] for key in expect["keys"]}] or ["none"],
    check=check_keys,
    classes=frozenset({"id", "near", "phone", "sound", "names", "house", "home", "none"}),
)


def draw_pairs(dice: Dice) -> Iterator[Drawn]:
    yield "nobody and nobody", {"one": {}, "other": {}}
    number = synthetic(dice)
    wrong_name = {
        "id_number": number,
        "first_name": "มะลิ",
        "last_name": "ใจดี",
        "sex": "male",
        "birth_date": "1950-01-01",
    }
    yield "one number, nothing else alike", {
        "one": {"id_number": number, "first_name": "สมชาย", "last_name": "วงศ์ใหญ่", "sex": "female",
            "birth_date": "2000-02-02"},
        "other": wrong_name,
    }  # fmt: skip
    for _ in range(210):
        one = person(dice)
        other = retyped(dice, one) if dice.chance(85) else person(dice)
        yield "retyped", {"one": one, "other": other}


def said(found: Likeness) -> Json:
    return {"score": found.score, "reasons": [reason.code for reason in found.reasons]}


def run_pair(given: Json) -> Json:
    return said(person_likeness(given["one"], given["other"]))


def check_pair(given: Json, expect: Json) -> None:
    reasons = expect["reasons"]
    agree(run_pair({"one": given["other"], "other": given["one"]}), expect)
    agree(reasons, [code for code in PERSON if code in reasons])
    total = min(100, max(0, sum(PERSON[code] for code in reasons)))
    agree(expect["score"], max(total, ALIKE_ENOUGH) if ALWAYS_SHOWN & set(reasons) else total)
    agree("sex_differs" in reasons, {given["one"].get("sex"), given["other"].get("sex")} == {"male", "female"})
    agree([code for code in reasons if code.startswith("birth")], births(given["one"], given["other"]))
    agree([code for code in reasons if code.startswith("age")], ages(given["one"], given["other"]))
    agree([code for code in reasons if code.startswith("id")], numbers(given["one"], given["other"]))
    shared = set(given["one"].get("phones", [])) & set(given["other"].get("phones", []))
    agree("phone_same" in reasons, any(len(phone) > 7 for phone in shared))


def births(one: Json, other: Json) -> list[str]:
    if "birth_date" not in one or "birth_date" not in other:
        return []
    grain = ("unknown", "year", "month", "day")
    rough = min(grain.index(each.get("birth_date_precision", "day")) for each in (one, other))
    parts = [each["birth_date"].split("-")[:rough] for each in (one, other)]
    if not rough:
        return []
    if parts[0] == parts[1]:
        return ["birth_same" if rough == 3 else "birth_fits"]
    return ["birth_differs"] if rough == 3 or abs(int(parts[0][0]) - int(parts[1][0])) >= 2 else []


def ages(one: Json, other: Json) -> list[str]:
    place = {"under_18": 1, "18_25": 2, "26_59": 3, "60_over": 4}
    found = [place.get(each.get("age_band", "")) for each in (one, other)]
    if None in found:
        return []
    apart = abs(found[0] - found[1])  # type: ignore[operator]
    return ["age_same"] if apart == 0 else ["age_differs"] if apart > 1 else []


def numbers(one: Json, other: Json) -> list[str]:
    """Compare identity numbers, one slip at a time."""
    mine, theirs = one.get("id_number"), other.get("id_number")
    if not mine or not theirs:
        return []
    if mine == theirs:
        return ["id_same"]
    lengths = sorted((len(mine), len(theirs)))
    if not (mine.isdigit() and theirs.isdigit()) or lengths not in ([12, 13], [13, 13]):
        return []
    if len(mine) == len(theirs):
        off = [at for at in range(13) if mine[at] != theirs[at]]
        if len(off) == 1:
            return ["id_one_digit"]
        swapped = (
            len(off) == 2 and off[1] == off[0] + 1 and mine[off[0]] == theirs[off[1]] and mine[off[1]] == theirs[off[0]]
        )
        return ["id_digits_swapped" if swapped else "id_differs"]
    long, short = (mine, theirs) if len(mine) > len(theirs) else (theirs, mine)
    return ["id_one_digit" if any(long[:at] + long[at + 1 :] == short for at in range(13)) else "id_differs"]


PERSON_LIKENESS = Family(
    name="person_likeness",
    side="client",
    function="schemas.likeness.person_likeness",
    about="Two person records in stored form: how alike they are, from 0 to 100, and why (codes, whose texts are "
    "likeness.<code>), "
    "in the order in which reasons are shown. It is the same whichever comes first. From 50 on they are shown to "
    "somebody.",
    draw=draw_pairs,
    run=run_pair,
    sorts=lambda given, expect: [*expect["reasons"], "shown" if expect["score"] >= ALIKE_ENOUGH else "not shown"],
    check=check_pair,
    classes=frozenset({*PERSON, "shown", "not shown"}),
)
