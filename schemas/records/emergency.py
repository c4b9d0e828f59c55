"""An emergency (ESS): a few hundred bytes that need nothing else, so that they get through first."""

from schemas.base import Carry, Label, RecordSchema, Risk
from schemas.fields import Area, Codes, Instant, Line, Number, Phone, Reference, ReferenceNumber, Text
from schemas.placement import InDistrict, OfOwner, OfTeam
from schemas.privacy import Privacy
from schemas.rules import Length, Range, RequiredIf


class Emergency(RecordSchema):
    """Names no other record when it is created; staff link it to a case afterwards, with which it then travels too.

    The team that accepts it holds all of it: somebody must be able to call whoever reported it.
    """

    type_name = "emergency"
    type_label = Label("เหตุฉุกเฉินทางสังคม", "Social emergency")
    places = (OfOwner(), InDistrict("area"), OfTeam("accepted_by_team"))
    summary_fields = ("reference_number", "causes", "place_text")
    record_rules = (
        RequiredIf("longitude", when="latitude"),
        RequiredIf("latitude", when="longitude"),
    )

    reference_number = ReferenceNumber("เลขอ้างอิง", "Reference number", risk=Risk.IDENTITY)
    causes = Codes("เหตุ", "Causes", vocabulary="ess_cause", required=True, risk=Risk.SAFETY)
    happened_at = Instant("เวลาเกิดเหตุ", "Happened at")
    area = Area("พื้นที่", "Area", hint=Label("ถ้าไม่ทราบอำเภอ ใส่จังหวัด", "The province, if the district is unknown"))
    latitude = Number("ละติจูด", "Latitude", group="position", rules=(Range(-90, 90),), risk=Risk.SAFETY)
    longitude = Number("ลองจิจูด", "Longitude", group="position", rules=(Range(-180, 180),), risk=Risk.SAFETY)
    accuracy_m = Number("ความแม่นยำ (เมตร)", "Accuracy (m)", group="position", rules=(Range(0, 1_000_000),))
    place_text = Line("สถานที่หรือจุดสังเกต", "Place or landmark", risk=Risk.SAFETY)
    danger_notes = Text("ข้อควรระวัง", "Danger notes", risk=Risk.SAFETY, rules=(Length(max=500),))
    note = Text("รายละเอียด", "What is happening", privacy=Privacy.SENSITIVE, rules=(Length(max=1000),))
    reporter_name = Line("ชื่อผู้แจ้ง", "Reporter's name", privacy=Privacy.PROTECTED)
    reporter_phone = Phone("โทรศัพท์ผู้แจ้ง", "Reporter's telephone", privacy=Privacy.PROTECTED)
    accepted_by_team = Reference("ทีมที่รับเรื่อง", "Accepted by", refers_to=("team",), risk=Risk.SAFETY)
    accepted_at = Instant("เวลาที่รับเรื่อง", "Accepted at")
    case = Reference("กรณี", "Case", refers_to=("case",), carry=Carry.BY, risk=Risk.IDENTITY)
