"""A volunteer's help request, in the order of อพม. Smart. It stays a request: it opens no case by itself."""

from collections.abc import Mapping
from typing import Any

from schemas.base import Carry, Label, RecordSchema, Risk
from schemas.fields import (
    Area,
    Code,
    Codes,
    Date,
    Flag,
    Instant,
    Line,
    Lines,
    Log,
    Money,
    Number,
    Reference,
    ReferenceNumber,
    Text,
    User,
)
from schemas.placement import InDistrict, InVillage, OfOwner
from schemas.privacy import Privacy
from schemas.rules import Length, Range, RequiredIf


class HelpRequest(RecordSchema):
    """Status is an append-only log whose latest row wins; staff return single fields, the volunteer answers each.

    A case that grew out of it names it; one that it is about as well (somebody called 1300 too) is named in ``case``,
    and the request travels with that case.
    """

    type_name = "help_request"
    type_label = Label("คำขอรับความช่วยเหลือ", "Help request")
    places = (OfOwner(), InDistrict("area"), InVillage("area"))
    summary_fields = ("reference_number", "filed_on", "applicant_kind")
    record_rules = (
        RequiredIf("longitude", when="latitude"),
        RequiredIf("latitude", when="longitude"),
    )

    # 1 filed, with a position
    reference_number = ReferenceNumber("เลขอ้างอิง", "Reference number", required=True, risk=Risk.IDENTITY)
    filed_on = Date("วันที่ยื่นคำขอ", "Filed on")
    area = Area("พื้นที่", "Area", required=True)
    latitude = Number("ละติจูด", "Latitude", group="position", privacy=Privacy.PERSONAL, rules=(Range(-90, 90),))
    longitude = Number("ลองจิจูด", "Longitude", group="position", privacy=Privacy.PERSONAL, rules=(Range(-180, 180),))
    accuracy_m = Number(
        "ความแม่นยำ (เมตร)", "Accuracy (m)", group="position", privacy=Privacy.PERSONAL, rules=(Range(0, 1_000_000),)
    )
    # 2 who, and their history
    applicant = Reference("ผู้ขอรับความช่วยเหลือ", "Applicant", refers_to=("person",), carry=Carry.ALONG, risk=Risk.IDENTITY)
    household = Reference("ครัวเรือน", "Household", refers_to=("household",), carry=Carry.ALONG)
    history = Text("ประวัติ", "History", privacy=Privacy.SENSITIVE)
    # 3 and 4 the addresses at the time of the request; the person's own may change later
    registered_area = Area("พื้นที่ตามทะเบียนบ้าน", "Area of registration", privacy=Privacy.PERSONAL)
    registered_address = Line("ที่อยู่ตามทะเบียนบ้าน", "Registered address", privacy=Privacy.PERSONAL)
    current_area = Area("พื้นที่ที่อยู่ปัจจุบัน", "Area of current address", privacy=Privacy.PERSONAL)
    current_address = Line("ที่อยู่ปัจจุบัน", "Current address", privacy=Privacy.PERSONAL)
    # 5 to 8
    applicant_kind = Code("ประเภทผู้ขอรับความช่วยเหลือ", "Kind of applicant", vocabulary="applicant_kind")
    hardship = Codes("ความเดือดร้อนที่พบ", "Hardship found", vocabulary="hardship", privacy=Privacy.SENSITIVE)
    hardship_note = Text("รายละเอียดความเดือดร้อน", "About the hardship", privacy=Privacy.SENSITIVE)
    help_asked = Codes("ความช่วยเหลือที่ขอ", "Help asked", vocabulary="help_asked")
    amount_asked_satang = Money("จำนวนเงินที่ขอ", "Amount asked", privacy=Privacy.PERSONAL, risk=Risk.MONEY)
    help_asked_note = Text("รายละเอียดที่ขอ", "About the help asked", privacy=Privacy.PERSONAL)
    benefits_before = Text("สวัสดิการที่เคยได้รับ", "Benefits received before", privacy=Privacy.PERSONAL)
    # 9 certification of the use of personal data
    certified = Flag("รับรองการใช้ข้อมูลส่วนบุคคล", "Personal data use certified")
    certified_by = Line("ผู้รับรอง", "Certified by", privacy=Privacy.PERSONAL)
    certified_on = Date("วันที่รับรอง", "Certified on")
    # 10 home visit; its photos are attachments of this request
    visited_on = Date("วันที่เยี่ยมบ้าน", "Home visit on")
    visit_narrative = Text("ผลการเยี่ยมบ้าน", "What the home visit found", privacy=Privacy.SENSITIVE)
    danger_notes = Text("ข้อควรระวัง", "Danger notes", risk=Risk.SAFETY)
    # 11 and 12 confirmed, then checked by tambon and district volunteers
    confirmed = Flag("ยืนยันข้อมูลแล้ว", "Confirmed")
    tambon_checked_by = User("ผู้ตรวจระดับตำบล", "Checked by (tambon)")
    tambon_checked_on = Date("วันที่ตรวจระดับตำบล", "Checked on (tambon)")
    district_checked_by = User("ผู้ตรวจระดับอำเภอ", "Checked by (district)")
    district_checked_on = Date("วันที่ตรวจระดับอำเภอ", "Checked on (district)")
    # 13 staff
    status_log = Log(
        "บันทึกสถานะ", "Status log", risk=Risk.CLOSURE,
        of={
            "at": Instant("เวลา", "At", required=True),
            "status": Code("สถานะ", "Status", vocabulary="request_status", required=True),
            "by": User("โดย", "By"),
            "reason": Line("เหตุผล", "Reason", rules=(Length(max=1000),)),
        },
    )  # fmt: skip
    returned_fields = Log(
        "ข้อที่ส่งกลับให้แก้", "Fields returned for edit", privacy=Privacy.PERSONAL,
        of={
            "at": Instant("เวลา", "At", required=True),
            "field": Line("ข้อ", "Field", required=True),
            "reason": Line("เหตุผล", "Reason", rules=(Length(max=1000),)),
            "by": User("โดย", "By"),
        },
    )  # fmt: skip
    return_answers = Log(
        "คำตอบต่อข้อที่ส่งกลับ", "Answers to returned fields", privacy=Privacy.PERSONAL,
        of={
            "at": Instant("เวลา", "At", required=True),
            "returned": Line("ข้อที่ส่งกลับ", "Returned entry", required=True),
            "answer": Code("คำตอบ", "Answer", vocabulary="return_answer", required=True),
            "note": Line("หมายเหตุ", "Note", rules=(Length(max=1000),)),
            "by": User("โดย", "By"),
        },
    )  # fmt: skip
    outside_numbers = Lines("เลขเรื่องจากระบบอื่น", "Outside numbers")
    case = Reference("กรณี", "Case", refers_to=("case",), carry=Carry.BY, risk=Risk.IDENTITY)


def status_of(data: Mapping[str, Any]) -> str:
    """Return the status of a request: the latest row of its log, or ``submitted`` before there is one."""
    log = data.get("status_log")
    return str(log[-1]["status"]) if log else "submitted"


def unanswered_returns(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries by which staff returned a field and which the volunteer has not answered."""
    answered = {answer["returned"] for answer in data.get("return_answers", ())}
    return [entry for entry in data.get("returned_fields", ()) if entry["id"] not in answered]
