"""The morning after: officers of one team edit the same cases out of each other's sight, and one case moves away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from server.demo.desk import StaffDesk
from server.demo.handheld import Device
from server.demo.plan import Create, Save

MOVED_TO = "540101"


NEXT_ACTION_ON = "2024-09-12"
PLACE = "บ้านไม้ชั้นเดียวหลังวัด"


@dataclass(frozen=True, slots=True)
class ThirdDay:
    """The cases concerned, by id: one field edited twice, two fields edited once each, one moved."""

    contested: str
    shared: str
    moved: str


def edits_apart(cases: ThirdDay) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return who types what into which case while nobody sees the others' work."""
    return {
        "day-1": [(cases.contested, "severity=level_3"), (cases.shared, f"next_action_on={NEXT_ACTION_ON}")],
        "day-2": [(cases.contested, "severity=level_2"), (cases.shared, f"place_text={PLACE}")],
        "intake-1": [(cases.moved, f"area={MOVED_TO}")],
    }


def edit(device: Device, edits: Mapping[str, Sequence[tuple[str, str]]]) -> int:
    """Type one device's edits; return how many they are."""
    for case, assignment in edits[device.username]:
        device.command("edit", case, assignment)
    return len(edits[device.username])


def conflicts_shown(device: Device) -> int:
    """Return how many conflicts a device shows to its officer."""
    return len(device.command("conflicts"))


def chosen(work: Mapping[str, Sequence[Sequence[Save]]], devices: Mapping[str, Device]) -> ThirdDay:
    """Choose the cases: two that day-1 captured, and one of intake-1 that belongs to another district."""
    names = devices["day-1"].done.names
    first, second = (case_of(saves) for saves in work["day-1"][:2])
    moved = next(made for made in map(case_of, work["intake-1"]) if made.data["intake_district"] != MOVED_TO[:4])
    return ThirdDay(names[first.name], names[second.name], devices["intake-1"].done.names[moved.name])


def case_of(saves: Sequence[Save]) -> Create:
    """Return the step that creates the case."""
    return next(step for save in saves for step in save if isinstance(step, Create) and step.type == "case")


def went_right(
    desk: StaffDesk, cases: ThirdDay, night_visits: Collection[str], days: Collection[str]
) -> dict[str, bool]:
    """Tell of each thing that happened on the third day, and of the wrong clock, whether it came out right.

    ``days``: those in Bangkok on which the demo ran.
    """
    found, visits = desk.records("case"), desk.records("visit")
    conflicts = [(conflict["record"], conflict["field"]) for conflict in desk.conflicts()]
    shared, moved = found[cases.shared], found[cases.moved]
    return {
        "แก้ข้อเดียวกันสองเครื่อง: เก็บไว้ทั้งสองแบบ รอเจ้าหน้าที่ตรวจ": conflicts == [(cases.contested, "severity")],
        "แก้คนละข้อ: อยู่ครบทั้งสองข้อ ไม่ต้องถามใคร": (shared["next_action_on"], shared["place_text"])
        == (NEXT_ACTION_ON, PLACE),
        "ย้ายอำเภอ: พื้นที่ดูแลเปลี่ยน ยอดอยู่อำเภอที่รับเรื่อง": moved["area"] == MOVED_TO
        and moved["intake_district"] != MOVED_TO[:4],
        "นาฬิกาเครื่องผิดหนึ่งปี: วันที่เยี่ยมถูกต้อง": all(visits[visit]["visited_on"] in days for visit in night_visits),
    }
