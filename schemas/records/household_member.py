"""One member of a household, as the household's form asks."""

from schemas.base import Carry, Label, RecordSchema, Risk
from schemas.fields import Code, Flag, Integer, Line, Money, Reference, Text
from schemas.privacy import Privacy
from schemas.rules import Range


class HouseholdMember(RecordSchema):
    """Wherever the household is; a member who is a person of their own is named besides."""

    type_name = "household_member"
    type_label = Label("สมาชิกครัวเรือน", "Household member")
    summary_fields = ("full_name", "relation")

    household = Reference("ครัวเรือน", "Household", refers_to=("household",), carry=Carry.WITH, required=True)
    person = Reference("บุคคล", "Person", refers_to=("person",))
    full_name = Line("ชื่อ นามสกุล", "Name", privacy=Privacy.PERSONAL, risk=Risk.IDENTITY)
    relation = Code("ความสัมพันธ์", "Relation", vocabulary="relation", privacy=Privacy.PERSONAL)
    age_years = Integer("อายุ (ปี)", "Age (years)", privacy=Privacy.PERSONAL, rules=(Range(0, 130),))
    sex = Code("เพศ", "Sex", vocabulary="sex")
    occupation = Line("อาชีพ", "Occupation", privacy=Privacy.PERSONAL)
    monthly_income_satang = Money("รายได้ต่อเดือน", "Monthly income", privacy=Privacy.PERSONAL)
    physical_condition = Code(
        "สภาพร่างกาย", "Physical condition", vocabulary="physical_condition", privacy=Privacy.SENSITIVE
    )
    self_care = Code("การช่วยเหลือตนเอง", "Self-care", vocabulary="self_care", privacy=Privacy.SENSITIVE)
    in_school = Flag("กำลังเรียน", "In school", privacy=Privacy.PERSONAL)
    note = Text("หมายเหตุ", "Note", privacy=Privacy.SENSITIVE)
