"""A conflict: two values for one field, both kept until a person decides."""

from schemas.base import Carry, Label, Merge, Origin, RecordSchema
from schemas.fields import ANY_RECORD, Code, Id, Instant, Integer, Line, Object, Objects, Raw, Reference, User
from schemas.rules import Length


class Conflict(RecordSchema):
    """Wherever its record is. Written by the centre; decided by a mutation of the record that names it.

    The contested values are as private as the field they were meant for, which ``privacy`` says.
    """

    type_name = "conflict"
    type_label = Label("ข้อขัดแย้ง", "Conflict")
    origin = Origin.CENTRE
    summary_fields = ("record_type", "field", "status")

    record = Reference("เรื่อง", "Record", refers_to=ANY_RECORD, carry=Carry.WITH, required=True)
    record_type = Line("ประเภทเรื่อง", "Record type", required=True)
    field = Line("ข้อ", "Field", required=True)
    privacy = Code("ชั้นข้อมูลของข้อนั้น", "Privacy class of the field", vocabulary="privacy", required=True)
    risk = Code("สิ่งที่อาจเสียหาย", "What is at stake", vocabulary="conflict_risk")
    status = Code("สถานะ", "Status", vocabulary="conflict_status", required=True, merge=Merge.LATEST)
    base_value = Raw("ค่าเดิม", "Value seen", merge=Merge.LATEST, privacy_from="privacy")
    central_value = Raw("ค่าที่ศูนย์", "Value at the centre", merge=Merge.LATEST, privacy_from="privacy")
    central_version = Integer("รุ่นของค่าที่ศูนย์", "Version of the value at the centre", merge=Merge.LATEST)
    contenders = Objects(
        "ค่าอื่นที่มีคนบันทึก", "Other values recorded", merge=Merge.LATEST, privacy_from="privacy",
        of={
            "incarnation": Line("ชุดข้อมูลของเครื่อง", "Incarnation", required=True),
            "device": Line("เครื่อง", "Device"),
            "user": Line("ผู้ใช้", "User"),
            "mutation": Line("รายการแก้ไข", "Mutation", required=True),
            "base": Integer("รุ่นที่เห็น", "Version seen"),
            "from": Raw("เห็นว่า", "Saw"),
            "value": Raw("บันทึกว่า", "Wrote"),
            "recorded_at": Line("เวลาที่บันทึก", "Recorded at"),
            "received_at": Instant("เวลาที่มาถึง", "Received at"),
            "offline_since": Instant("ไม่มีสัญญาณตั้งแต่", "Offline since"),
            "earlier": Raw("ที่บันทึกก่อนหน้า", "Earlier values of the same device"),
        },
    )  # fmt: skip
    resolution = Object(
        "ผลตัดสิน", "Decision", merge=Merge.LATEST, privacy_from="privacy",
        of={
            "value": Raw("ค่าที่ใช้", "Value chosen"),
            "reason": Line("เหตุผล", "Reason", rules=(Length(max=1000),)),
            "by": User("โดย", "By"),
            "at": Instant("เวลา", "At"),
            "mutation": Id("รายการแก้ไข", "Mutation"),
        },
    )  # fmt: skip
