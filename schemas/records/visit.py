"""A visit (ลงพื้นที่ เยี่ยมบ้าน ติดตาม) made for a case."""

from schemas.base import Carry, Label, RecordSchema, Risk
from schemas.fields import Code, Codes, Date, Integer, Line, Number, Reference, Text
from schemas.privacy import Privacy
from schemas.rules import Range, RequiredIf


class Visit(RecordSchema):
    """Travels with its case, or with the help request for which a volunteer made it."""

    type_name = "visit"
    type_label = Label("การเยี่ยม", "Visit")
    summary_fields = ("visited_on", "kind")
    record_rules = (
        RequiredIf("longitude", when="latitude"),
        RequiredIf("latitude", when="longitude"),
    )

    case = Reference("กรณีหรือคำขอ", "Case or request", refers_to=("case", "help_request"), carry=Carry.BY, required=True)
    visited_on = Date("วันที่เยี่ยม", "Visited on")
    kind = Code("ประเภทการเยี่ยม", "Kind of visit", vocabulary="visit_kind")
    people_met = Line("พบใครบ้าง", "People met", privacy=Privacy.PERSONAL)
    narrative = Text("ข้อเท็จจริงที่พบ", "What was found", privacy=Privacy.SENSITIVE)
    hardship = Codes("ความเดือดร้อนที่พบ", "Hardship found", vocabulary="hardship", privacy=Privacy.SENSITIVE)
    danger_notes = Text("ข้อควรระวัง", "Danger notes", risk=Risk.SAFETY)
    latitude = Number("ละติจูด", "Latitude", group="position", privacy=Privacy.PERSONAL, rules=(Range(-90, 90),))
    longitude = Number("ลองจิจูด", "Longitude", group="position", privacy=Privacy.PERSONAL, rules=(Range(-180, 180),))
    accuracy_m = Number(
        "ความแม่นยำ (เมตร)", "Accuracy (m)", group="position", privacy=Privacy.PERSONAL, rules=(Range(0, 1_000_000),)
    )
    operation = Code("การดำเนินการ", "Operation", vocabulary="operation")
    duration_minutes = Integer("ใช้เวลา (นาที)", "Duration (minutes)", rules=(Range(0, 10_000),))
    next_visit_on = Date("นัดครั้งต่อไป", "Next visit on")
