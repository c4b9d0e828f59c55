"""The four acts between an empty centre and its report, each told as it happens."""

from collections.abc import Mapping
from typing import Any

from server.demo import saying
from server.demo.centre import Roll
from server.demo.fleet import each
from server.demo.handheld import Device
from server.demo.lossy_link import CLEAR, NO_SIGNAL, LossyLink, Weather
from server.demo.shares import Work, flat
from server.demo.third_day import ThirdDay, chosen, conflicts_shown, edit, edits_apart

BAD_LINK = Weather()

TYPED = {"intake-1": 1, "intake-2": 1, "day-1": 2, "day-2": 2, "night-1": 2, "volunteer-1": 1}
"""Officer -> how many Saves they type at the command line, which starts a program each time: the rest go in one."""

Devices = Mapping[str, Device]


def enrol(devices: Devices, roll: Roll, link: LossyLink) -> None:
    """Enrol every device at the office, where the link is good."""
    saying.step("ลงทะเบียนเครื่องที่สำนักงาน", "Enrol the devices at the office")
    link.weather = CLEAR

    def act(device: Device) -> None:
        device.enrol(link.url, roll.codes[device.username])
        device.done.names.update({f"team {key}": team for key, team in roll.teams.items()})

    each(devices.values(), act, lambda _: "ลงทะเบียนแล้ว")


def two_days(devices: Devices, work: Work, link: LossyLink) -> None:
    """Let everybody capture without any signal: the first cases at the command line, the others faster."""
    saying.step("ลงพื้นที่สองวัน ไม่มีสัญญาณ บันทึกในเครื่อง", "Two days in the field without signal")
    link.weather = NO_SIGNAL

    def act(device: Device) -> int:
        saves = flat(work[device.username])
        typed = TYPED.get(device.username, 0)
        device.work(saves[:typed])
        device.work_fast(saves[typed:])
        return len(device.done.types)

    each(devices.values(), act, lambda made: f"บันทึก {made} รายการ ยังไม่ได้ส่ง")


def come_back(devices: Devices, link: LossyLink) -> None:
    """Sync over the bad link until everything is through, then once more so that all see what the others did."""
    saying.step("กลับเข้าเขตสัญญาณ สัญญาณขาด ๆ หาย ๆ ส่งจนครบ", "Back in range of a link that drops, repeats and cuts")
    link.weather = BAD_LINK
    each(devices.values(), Device.send, told, at_once=len(devices))
    saying.faults(link)


def third_day(devices: Devices, work: Work, link: LossyLink) -> ThirdDay:
    """Edit out of each other's sight, then sync one after the other, and the first once more to see the outcome."""
    saying.step("วันที่สาม แก้ไขพร้อมกันโดยไม่เห็นกัน และย้ายอำเภอ", "The third day: edits apart, and a case that moves")
    first, second, intake = devices["day-1"], devices["day-2"], devices["intake-1"]
    cases = chosen(work, devices)
    each([second], Device.sync, told)
    link.weather = NO_SIGNAL
    edits = edits_apart(cases)
    each([first, second, intake], lambda device: edit(device, edits), lambda made: f"แก้ {made} ข้อ ยังไม่ได้ส่ง")
    link.weather = BAD_LINK
    for turn in ([first, intake], [second], [first]):
        each(turn, Device.sync, told)
    each([first, second], conflicts_shown, lambda seen: f"เห็นข้อที่มีคนแก้ต่างกัน {seen} ข้อ")
    return cases


def told(counts: Mapping[str, Any]) -> str:
    """Return a line about a sync that got through."""
    tries = "ครั้งเดียวผ่าน" if counts["tries"] == 1 else f"ลอง {counts['tries']} ครั้ง"
    conflicted = counts["outcomes"].get("conflicted")
    said = f"ส่งครบ ไม่มีค้าง ({tries}) · รับมา {counts['received']} เรื่อง"
    return f"{said} · {conflicted} ข้อมีคนแก้ต่างกัน" if conflicted else said
