"""A person: affected, a family member, an applicant. Also one whose name nobody knows."""

from schemas.base import Label, RecordSchema, Risk
from schemas.fields import Area, Code, Date, Flag, IdentityNumber, Line, Phones, References, Text
from schemas.privacy import Privacy
from schemas.rules import Check, Pattern, RequiredIf


class Person(RecordSchema):
    """Names, ID and address are personal; where a victim stays is protected and travels with nothing else.

    A person lies nowhere of themselves: they travel with the case or request that names them, and lie with whoever
    recorded them until one does.
    """

    type_name = "person"
    type_label = Label("บุคคล", "Person")
    mergeable = True
    summary_fields = ("title", "first_name", "last_name", "nickname_or_mark")
    record_rules = (
        RequiredIf("birth_date_precision", when="birth_date"),
        RequiredIf("no_id_reason", when="id_type", has=("none",)),
    )
    record_warnings = (
        Check("id_number", "national_id", "wrong_national_id", when="id_type", has=("national_id", "pink_card")),
        RequiredIf("unknown_reason", when="sex", has=("unknown",)),
        RequiredIf("unknown_reason", when="age_band", has=("unknown",)),
    )

    title = Line("คำนำหน้า", "Title", privacy=Privacy.PERSONAL, risk=Risk.IDENTITY)
    first_name = Line("ชื่อ", "First name", privacy=Privacy.PERSONAL, risk=Risk.IDENTITY)
    last_name = Line("นามสกุล", "Last name", privacy=Privacy.PERSONAL, risk=Risk.IDENTITY)
    nickname_or_mark = Line(
        "ชื่อเล่นหรือจุดสังเกต", "Nickname or mark", privacy=Privacy.PERSONAL, risk=Risk.IDENTITY,
        hint=Label("ถ้าไม่ทราบชื่อ บอกจุดสังเกต", "If the name is unknown, say what marks them"),
    )  # fmt: skip
    sex = Code("เพศ", "Sex", vocabulary="sex", risk=Risk.IDENTITY)
    id_type = Code(
        "ประเภทเอกสารประจำตัว", "Identity document", vocabulary="id_type", privacy=Privacy.PERSONAL, risk=Risk.IDENTITY
    )
    id_number = IdentityNumber("เลขประจำตัว", "Identity number", privacy=Privacy.PERSONAL, risk=Risk.IDENTITY)
    no_id_reason = Line("เหตุที่ไม่มีเลขประจำตัว", "Why there is no ID", privacy=Privacy.PERSONAL)
    birth_date = Date("วันเกิด", "Birth date", group="birth", privacy=Privacy.PERSONAL, risk=Risk.IDENTITY)
    birth_date_precision = Code(
        "ความละเอียดของวันเกิด", "Precision of the birth date", vocabulary="date_precision", group="birth",
        privacy=Privacy.PERSONAL, risk=Risk.IDENTITY,
    )  # fmt: skip
    age_band = Code("ช่วงอายุโดยประมาณ", "Estimated age band", vocabulary="age_band", risk=Risk.IDENTITY)
    unknown_reason = Line("เหตุที่ไม่ทราบเพศหรืออายุ", "Why sex or age is unknown", privacy=Privacy.PERSONAL)
    has_disability = Flag("เป็นคนพิการ", "Has a disability", privacy=Privacy.SENSITIVE)
    disability_since = Date("พิการตั้งแต่", "Disability since", privacy=Privacy.SENSITIVE)
    phones = Phones("โทรศัพท์", "Telephone", privacy=Privacy.PERSONAL)
    address_area = Area("พื้นที่ที่อยู่", "Area of the address", privacy=Privacy.PERSONAL)
    house_number = Line("บ้านเลขที่", "House number", privacy=Privacy.PERSONAL)
    village_name = Line("ชื่อบ้าน", "Village name", privacy=Privacy.PERSONAL)
    registered_area = Area("พื้นที่ตามทะเบียนบ้าน", "Area of registration", privacy=Privacy.PERSONAL)
    registered_house_number = Line("บ้านเลขที่ตามทะเบียนบ้าน", "Registered house number", privacy=Privacy.PERSONAL)
    house_code = Line(
        "รหัสประจำบ้าน", "House code", privacy=Privacy.PERSONAL, rules=(Pattern("[0-9]{11}"),),
        hint=Label("ตัวเลข 11 หลัก", "11 digits"),
    )  # fmt: skip
    occupation = Line("อาชีพ", "Occupation", privacy=Privacy.PERSONAL)
    language = Code("ภาษา", "Language", vocabulary="language")
    interpreter_needed = Flag("ต้องมีล่าม", "Interpreter needed")
    health_notes = Text("สุขภาพ", "Health notes", privacy=Privacy.SENSITIVE)
    maybe_same_as = References(
        "อาจเป็นคนเดียวกับ", "Maybe the same as", refers_to=("person",), privacy=Privacy.PERSONAL, risk=Risk.IDENTITY,
        hint=Label("ไม่แน่ใจ ให้เจ้าหน้าที่ดู", "Not sure: let staff look"),
    )  # fmt: skip
    whereabouts = Text("ที่พักพิงปัจจุบัน", "Whereabouts", privacy=Privacy.PROTECTED, risk=Risk.SAFETY)
