"""An officer's assessment (คำวินิจฉัย) of a household in five dimensions."""

from schemas.base import Carry, Label, RecordSchema, Risk
from schemas.fields import Code, Codes, Date, Flag, Integer, Money, Reference, Text
from schemas.privacy import Privacy
from schemas.rules import Range

_LEVELS = (Range(1, 5),)


class Assessment(RecordSchema):
    """One per officer per case: others read it, only its owner edits."""

    type_name = "assessment"
    type_label = Label("คำวินิจฉัย", "Assessment")
    summary_fields = ("assessed_on", "opinion")
    owner_edits_only = True
    one_per_owner = "case"

    case = Reference("กรณี", "Case", refers_to=("case",), carry=Carry.BY, required=True)
    household = Reference("ครัวเรือน", "Household", refers_to=("household",))
    assessed_on = Date("วันที่ประเมิน", "Assessed on")
    income_level = Integer(
        "รายได้ (1 แย่มาก – 5 ดี)", "Income (1 very poor – 5 good)", privacy=Privacy.PERSONAL, rules=_LEVELS
    )
    income_note = Text("รายได้: รายละเอียด", "Income: details", privacy=Privacy.PERSONAL)
    monthly_income_satang = Money("รายได้ต่อเดือน", "Monthly income", privacy=Privacy.PERSONAL)
    housing = Code("ลักษณะที่อยู่อาศัย", "Housing", vocabulary="housing", privacy=Privacy.PERSONAL)
    housing_level = Integer("ที่อยู่อาศัย (1–5)", "Housing (1–5)", privacy=Privacy.PERSONAL, rules=_LEVELS)
    housing_note = Text("ที่อยู่อาศัย: รายละเอียด", "Housing: details", privacy=Privacy.PERSONAL)
    health_level = Integer("สุขภาพ (1–5)", "Health (1–5)", privacy=Privacy.SENSITIVE, rules=_LEVELS)
    health_note = Text("สุขภาพ: รายละเอียด", "Health: details", privacy=Privacy.SENSITIVE)
    education_level = Integer("การศึกษา (1–5)", "Education (1–5)", privacy=Privacy.PERSONAL, rules=_LEVELS)
    education_note = Text("การศึกษา: รายละเอียด", "Education: details", privacy=Privacy.PERSONAL)
    services_level = Integer(
        "การเข้าถึงบริการภาครัฐ (1–5)", "Access to public services (1–5)", privacy=Privacy.PERSONAL, rules=_LEVELS
    )
    services_note = Text("บริการภาครัฐ: รายละเอียด", "Public services: details", privacy=Privacy.PERSONAL)
    severity = Code("ระดับความรุนแรง", "Severity", vocabulary="severity", risk=Risk.SAFETY)
    risks = Codes("รายการความเสี่ยง", "Risk checklist", vocabulary="risk", privacy=Privacy.SENSITIVE, risk=Risk.SAFETY)
    opinion = Text("ความเห็น", "Opinion", privacy=Privacy.SENSITIVE)
    proposed_help = Text("ข้อเสนอการช่วยเหลือ", "Proposed help", privacy=Privacy.SENSITIVE)
    final = Flag("ยืนยันคำวินิจฉัยแล้ว", "Final")
