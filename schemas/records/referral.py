"""A referral (ประสานส่งต่อ) of a case to another agency."""

from schemas.base import Carry, Label, RecordSchema
from schemas.fields import Code, Date, Line, Phone, Reference, Text
from schemas.privacy import Privacy


class Referral(RecordSchema):
    """Travels with its case."""

    type_name = "referral"
    type_label = Label("การส่งต่อ", "Referral")
    summary_fields = ("referred_on", "to_agency_name", "status")

    case = Reference("กรณี", "Case", refers_to=("case",), carry=Carry.BY, required=True)
    to_agency = Reference("ส่งต่อให้", "Referred to", refers_to=("agency",))
    to_agency_name = Line("ชื่อหน่วยงาน", "Name of the agency")
    agency_kind = Code("ประเภทหน่วยงาน", "Kind of agency", vocabulary="agency_kind")
    referred_on = Date("วันที่ส่งต่อ", "Referred on")
    reason = Text("เหตุที่ส่งต่อ", "Reason", privacy=Privacy.SENSITIVE)
    status = Code("สถานะ", "Status", vocabulary="referral_status")
    contact_name = Line("ผู้ประสานงาน", "Contact person", privacy=Privacy.PERSONAL)
    contact_phone = Phone("โทรศัพท์ผู้ประสานงาน", "Contact telephone", privacy=Privacy.PERSONAL)
    answered_on = Date("วันที่ตอบรับ", "Answered on")
    answer = Text("ผลการประสาน", "Answer", privacy=Privacy.SENSITIVE)
    outside_number = Line("เลขเรื่องของหน่วยงาน", "Their number")
