"""People who do not exist: names from word lists, ID numbers that no register issues, ages that fit their group."""

from datetime import date, timedelta
from random import Random
from typing import Any

from schemas.target_group import target_group_of

MALE_NAMES = (
    "สมชาย", "สมศักดิ์", "บุญมา", "ประเสริฐ", "วิชัย", "สุชาติ", "อนันต์", "มานพ", "ธีระ", "สมบูรณ์",
    "ณรงค์", "สุรชัย", "พิชิต", "ชาญ", "อุดม", "เกษม", "ไพโรจน์", "ดำรง", "ปรีชา", "นิพนธ์",
)  # fmt: skip
FEMALE_NAMES = (
    "สมหญิง", "มาลี", "บุญศรี", "วันดี", "สุดา", "อรุณี", "จันทร์เพ็ญ", "พิมพ์ใจ", "ละเอียด", "กัลยา",
    "นงนุช", "สายพิณ", "ประภา", "รัตนา", "ชุติมา", "อุไร", "เพ็ญศรี", "ดวงใจ", "ทองใบ", "นิตยา",
)  # fmt: skip
FIRST_PARTS = ("ใจ", "สุข", "มั่น", "ศรี", "แสง", "คำ", "ทอง", "บุญ", "แก้ว", "วงศ์", "ดวง", "พร")
SECOND_PARTS = ("ดี", "งาม", "คง", "ทอง", "เจริญ", "มา", "แก้ว", "เย็น", "สว่าง", "มั่นคง")

AGES = {
    "child": (2, 17),
    "youth": (18, 25),
    "adult": (26, 59),
    "elderly": (60, 92),
    "person_with_disability": (4, 85),
}
BANDS = {"child": "under_18", "youth": "18_25", "adult": "26_59", "elderly": "60_over"}

ADULT_TITLE_AGE = 15


def person(random: Random, *, sex: str, target_group: str, on: date, area: str) -> dict[str, Any]:
    """Return a person who is of a target group on a day."""
    youngest, oldest = AGES[target_group]
    age = random.randint(youngest, oldest)
    disability = {"has_disability": True} if target_group == "person_with_disability" else {}
    return {
        "title": title(random, sex, age),
        "first_name": random.choice(MALE_NAMES if sex == "male" else FEMALE_NAMES),
        "last_name": random.choice(FIRST_PARTS) + random.choice(SECOND_PARTS),
        "sex": sex,
        **identity(random),
        **age_known(random, age, target_group, on),
        **disability,
        **({"phones": [f"0600000{random.randrange(1000):03d}"]} if random.random() < 0.6 else {}),
        "address_area": area,
        "house_number": f"{random.randrange(1, 300)}/{random.randrange(1, 20)}",
    }


def title(random: Random, sex: str, age: int) -> str:
    """Return the title that goes with a sex and an age."""
    if age < ADULT_TITLE_AGE:
        return "เด็กชาย" if sex == "male" else "เด็กหญิง"
    return "นาย" if sex == "male" else random.choice(("นาง", "นางสาว"))


def identity(random: Random) -> dict[str, str]:
    """Return a national ID number, or for one in nine the reason why there is none."""
    if random.random() < 1 / 9:
        return {"id_type": "none", "no_id_reason": "เอกสารสูญหาย ยังไม่ได้ทำบัตรใหม่"}
    return {"id_type": "national_id", "id_number": national_id(random)}


def national_id(random: Random) -> str:
    """Return 13 digits that begin with 9, as no issued number does, with the right check digit."""
    digits = "9" + "".join(str(random.randrange(10)) for _ in range(11))
    total = sum(int(digit) * (13 - place) for place, digit in enumerate(digits))
    return f"{digits}{(11 - total % 11) % 10}"


def age_known(random: Random, age: int, target_group: str, on: date) -> dict[str, str]:
    """Return a birth date known to the day, month or year, or only an estimated band, that gives the target group."""
    if random.random() < 1 / 12 and target_group in BANDS:
        return {"age_band": BANDS[target_group]}
    born = date(on.year - age, on.month, min(on.day, 28)) - timedelta(days=random.randrange(360))
    wanted = random.choices(("day", "month", "year"), (10, 1, 2))[0]
    for precision in (wanted, "day"):
        known = {"birth_date": cut(born, precision), "birth_date_precision": precision}
        disability = {"has_disability": target_group == "person_with_disability"}
        if target_group_of({**known, **disability}, on.isoformat()) == target_group:
            return known
    raise AssertionError(f"born {born} is not {target_group} on {on}")


def cut(day: date, precision: str) -> str:
    """Return a date with its unknown parts written 01."""
    if precision == "year":
        day = day.replace(month=1, day=1)
    elif precision == "month":
        day = day.replace(day=1)
    return day.isoformat()
