"""A household: where it lives and how."""

from schemas.base import Label, RecordSchema
from schemas.fields import Area, Code, Integer, Line, Money, Number, Text
from schemas.privacy import Privacy
from schemas.rules import Pattern, Range, RequiredIf


class Household(RecordSchema):
    """Its members are records of their own, so that two officers can add one each."""

    type_name = "household"
    type_label = Label("ครัวเรือน", "Household")
    mergeable = True
    summary_fields = ("house_number", "village_name")
    record_rules = (
        RequiredIf("longitude", when="latitude"),
        RequiredIf("latitude", when="longitude"),
    )

    area = Area("พื้นที่", "Area", privacy=Privacy.PERSONAL)
    house_number = Line("บ้านเลขที่", "House number", privacy=Privacy.PERSONAL)
    village_name = Line("ชื่อบ้าน", "Village name", privacy=Privacy.PERSONAL)
    house_code = Line("รหัสประจำบ้าน", "House code", privacy=Privacy.PERSONAL, rules=(Pattern("[0-9]{11}"),))
    directions = Text("เส้นทางไปบ้าน", "How to get there", privacy=Privacy.PERSONAL)
    latitude = Number("ละติจูด", "Latitude", group="position", privacy=Privacy.PERSONAL, rules=(Range(-90, 90),))
    longitude = Number("ลองจิจูด", "Longitude", group="position", privacy=Privacy.PERSONAL, rules=(Range(-180, 180),))
    accuracy_m = Number(
        "ความแม่นยำ (เมตร)", "Accuracy (m)", group="position", privacy=Privacy.PERSONAL, rules=(Range(0, 1_000_000),)
    )
    housing = Code("ที่อยู่อาศัย", "Housing", vocabulary="housing", privacy=Privacy.PERSONAL)
    members_count = Integer("จำนวนสมาชิก", "Members", rules=(Range(0, 100),))
    monthly_income_satang = Money("รายได้ต่อเดือน", "Monthly income", privacy=Privacy.PERSONAL)
    debt_satang = Money("หนี้สิน", "Debt", privacy=Privacy.PERSONAL)
    note = Text("หมายเหตุ", "Note", privacy=Privacy.SENSITIVE)
