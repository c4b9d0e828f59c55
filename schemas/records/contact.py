"""One contact through an intake channel. Several may be about one incident: linked to one case, they count once."""

from schemas.base import Carry, Label, RecordSchema, Risk
from schemas.fields import Area, Code, Date, Instant, Line, Phone, Raw, Reference, ReferenceNumber, Text
from schemas.placement import InDistrict, OfAuthor
from schemas.privacy import Privacy


class Contact(RecordSchema):
    """Keeps its outside number (1300 ticket, อพม. Smart, ESS) and, once linked, travels with its case."""

    type_name = "contact"
    type_label = Label("การติดต่อ", "Contact")
    places = (OfAuthor(unless=("case",)), InDistrict("area"))
    summary_fields = ("received_on", "channel", "outside_number")

    channel = Code("ช่องทาง", "Channel", vocabulary="channel", required=True)
    received_on = Date("วันรับเรื่อง", "Received on", required=True)
    received_at = Instant("เวลาที่รับ", "Received at")
    reference_number = ReferenceNumber("เลขอ้างอิง", "Reference number", risk=Risk.IDENTITY)
    outside_number = Line("เลขเรื่องจากระบบอื่น", "Outside number")
    case = Reference("กรณี", "Case", refers_to=("case",), carry=Carry.BY, risk=Risk.IDENTITY)
    call_kind = Code("ประเภทการโทร", "Kind of call", vocabulary="call_kind")
    ticket_step = Code("ขั้นตอนของเรื่อง 1300", "1300 ticket step", vocabulary="ticket_step")
    validity = Code("ความจริงของเรื่อง", "Validity", vocabulary="validity")
    urgency = Code("ความเร่งด่วน", "Urgency", vocabulary="urgency", risk=Risk.SAFETY)
    area = Area("พื้นที่", "Area")
    place_text = Line("สถานที่หรือจุดสังเกต", "Place or landmark", privacy=Privacy.PERSONAL)
    danger_notes = Text("ข้อควรระวัง", "Danger notes", risk=Risk.SAFETY)
    message = Text("เรื่องที่แจ้ง", "What was said", privacy=Privacy.SENSITIVE)
    caller_name = Line("ชื่อผู้ติดต่อ", "Caller's name", privacy=Privacy.PROTECTED)
    caller_phone = Phone("โทรศัพท์ผู้ติดต่อ", "Caller's telephone", privacy=Privacy.PROTECTED)
    raw = Raw("ข้อความเดิม", "As received", privacy=Privacy.PROTECTED)
