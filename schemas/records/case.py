"""A case (กรณี): one matter of one principal affected person, from intake to closing."""

from schemas.base import Carry, Label, RecordSchema, Risk
from schemas.ending import Ending
from schemas.fields import (
    Area,
    Code,
    Codes,
    Date,
    Flag,
    Instant,
    Line,
    Lines,
    Phone,
    Reference,
    ReferenceNumber,
    References,
    Text,
    User,
)
from schemas.placement import InDistrict, InVillage, OfAssignee, OfAuthor, OfTeam
from schemas.privacy import Privacy


class Case(RecordSchema):
    """Reports count by the facts of intake (``received_on``, channel, district at intake); only ``area`` moves."""

    type_name = "case"
    type_label = Label("กรณี", "Case")
    mergeable = True
    places = (
        InDistrict("area"),
        InVillage("area"),
        OfTeam("team"),
        OfAssignee("assigned_to"),
        OfAuthor(unless=("team", "assigned_to")),
    )
    assigning = frozenset({"team", "assigned_to"})
    ending = Ending(
        "status",
        "closed",
        along=("closed_on", "outcome", "closing_note"),
        against={"urgency": frozenset({"most_urgent"})},
    )
    summary_fields = ("reference_number", "urgency", "status", "received_on")

    danger_notes = Text(
        "ข้อควรระวัง", "Danger notes", risk=Risk.SAFETY,
        hint=Label("อาวุธ เคยใช้ความรุนแรง สุนัข โรคติดต่อ ห้ามโทร ห้ามบอกว่าใครแจ้ง",
                   "Weapon, earlier violence, dog, infection, do not phone, do not say who called"),
    )  # fmt: skip
    reference_number = ReferenceNumber("เลขอ้างอิง", "Reference number", required=True, risk=Risk.IDENTITY)
    received_on = Date("วันรับเรื่อง", "Intake date", required=True)
    intake_channel = Code("ช่องทาง", "Channel", vocabulary="channel", required=True)
    intake_district = Area("อำเภอที่รับเรื่อง", "District at intake", digits=(4,), required=True)
    area = Area("พื้นที่ที่ดูแลอยู่", "Area now in charge", required=True)
    place_text = Line("สถานที่หรือจุดสังเกต", "Place or landmark", privacy=Privacy.PERSONAL)
    urgency = Code("ความเร่งด่วน", "Urgency", vocabulary="urgency", risk=Risk.SAFETY)
    status = Code("สถานะ", "Status", vocabulary="case_status", risk=Risk.CLOSURE)
    affected_person = Reference(
        "ผู้ประสบปัญหา", "Affected person", refers_to=("person",), carry=Carry.ALONG, risk=Risk.IDENTITY
    )
    people = References("บุคคลที่เกี่ยวข้อง", "People involved", refers_to=("person",), carry=Carry.ALONG)
    household = Reference("ครัวเรือน", "Household", refers_to=("household",), carry=Carry.ALONG)
    problems = Codes("สภาพปัญหา", "Problems", vocabulary="problem", privacy=Privacy.SENSITIVE)
    primary_problem = Code("ปัญหาหลัก", "Primary problem", vocabulary="problem", privacy=Privacy.SENSITIVE)
    ess_causes = Codes("เหตุฉุกเฉิน", "Emergency causes", vocabulary="ess_cause", privacy=Privacy.SENSITIVE)
    risks = Codes("รายการความเสี่ยง", "Risk checklist", vocabulary="risk", privacy=Privacy.SENSITIVE, risk=Risk.SAFETY)
    severity = Code("ระดับความรุนแรง", "Severity", vocabulary="severity", risk=Risk.SAFETY)
    summary = Text("สรุปเรื่อง", "Summary", privacy=Privacy.SENSITIVE)
    alleged_offender_note = Text("ผู้ถูกกล่าวหาว่ากระทำ", "Alleged offender", privacy=Privacy.SENSITIVE, risk=Risk.SAFETY)
    reporter_name = Line("ชื่อผู้แจ้ง", "Reporter's name", privacy=Privacy.PROTECTED)
    reporter_phone = Phone("โทรศัพท์ผู้แจ้ง", "Reporter's telephone", privacy=Privacy.PROTECTED)
    reporter_relation = Code(
        "ผู้แจ้งเกี่ยวข้องอย่างไร", "Reporter's relation", vocabulary="relation", privacy=Privacy.PROTECTED
    )
    reporter_anonymous = Flag("ผู้แจ้งไม่ประสงค์ออกนาม", "Reporter wishes to stay unnamed")
    reported_at = Instant("เวลาที่แจ้ง", "Reported at")
    team = Reference("ทีมที่ดูแล", "Team", refers_to=("team",))
    assigned_to = User("ผู้รับผิดชอบ", "Assigned to")
    operations = Codes("การดำเนินการ", "Operations", vocabulary="operation")
    validity = Code("ความจริงของเรื่อง", "Validity", vocabulary="validity", risk=Risk.CLOSURE)
    overdue_reason = Code("เหตุที่เกินกำหนด", "Reason overdue", vocabulary="overdue_reason")
    next_action_on = Date("นัดดำเนินการครั้งต่อไป", "Next action on")
    outcome = Code("ผลเมื่อยุติ", "Outcome", vocabulary="outcome", risk=Risk.CLOSURE)
    closed_on = Date("วันที่ยุติ", "Closed on", risk=Risk.CLOSURE)
    closing_note = Text("เหตุที่ยุติ", "Why closed", privacy=Privacy.SENSITIVE, risk=Risk.CLOSURE)
    outside_numbers = Lines("เลขเรื่องจากระบบอื่น", "Outside numbers")
    help_request = Reference("คำขอที่เป็นที่มา", "From help request", refers_to=("help_request",))
    legal_basis = Line("ฐานทางกฎหมาย", "Legal basis")
