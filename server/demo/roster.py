"""Who takes part: the desks of Phrae's centre, its two teams, the officers and volunteers with a device."""

from dataclasses import dataclass

PROVINCE = "54"

ADMINISTRATOR = "admin"


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at the centre, who signs in with a password."""

    username: str
    display_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody with a device. ``team`` or ``scope`` says where; ``days_off`` how wrong the device's clock is."""

    username: str
    display_name: str
    role: str
    team: str = ""
    scope: str = ""
    days_off: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the Rapid Response Unit."""

    key: str
    name: str
    name_en: str
    kind: str


TEAMS = (
    Team("day", "หน่วยเคลื่อนที่เร็วจังหวัดแพร่ ทีมกลางวัน", "Phrae Rapid Response Unit, Day Team", "day_team"),
    Team("night", "หน่วยเคลื่อนที่เร็วจังหวัดแพร่ ทีมกลางคืน", "Phrae Rapid Response Unit, Night Team", "night_team"),
)

DESKS = (
    Desk("phrae-social", "นักสังคมสงเคราะห์ จังหวัดแพร่", f"social_worker@province:{PROVINCE}"),
    Desk("phrae-head", "พมจ. แพร่ (ผู้อนุมัติ)", f"approver@province:{PROVINCE}"),
    Desk("phrae-intake", "เจ้าหน้าที่รับเรื่อง จังหวัดแพร่", f"intake_officer@province:{PROVINCE}"),
    Desk("inspector", "ผู้ตรวจราชการ", "inspector@nation"),
)

OFFICERS = (
    Officer("intake-1", "เจ้าหน้าที่รับเรื่อง 1", "intake_officer", scope=f"province:{PROVINCE}"),
    Officer("intake-2", "เจ้าหน้าที่รับเรื่อง 2", "intake_officer", scope=f"province:{PROVINCE}"),
    Officer("day-1", "ทีมกลางวัน 1", "rru_member", team="day"),
    Officer("day-2", "ทีมกลางวัน 2", "rru_member", team="day"),
    Officer("night-1", "ทีมกลางคืน 1", "rru_member", team="night"),
    Officer("night-2", "ทีมกลางคืน 2 (นาฬิกาเครื่องเร็วไปหนึ่งปี)", "rru_member", team="night", days_off=366),
    Officer("volunteer-1", "อพม. ตำบลนาจักร", "volunteer", scope="village:54010201"),
    Officer("volunteer-2", "อพม. ตำบลห้วยอ้อ", "volunteer", scope="village:54030103"),
    Officer("volunteer-3", "อพม. ตำบลสรอย", "volunteer", scope="village:54070205"),
)
