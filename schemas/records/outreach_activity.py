"""Outreach: public communication online and offline, patrols, training. The report counts it beside the cases."""

from schemas.base import Label, RecordSchema
from schemas.fields import Area, Code, Date, Integer, Line, Reference, Text
from schemas.placement import InDistrict, OfOwner
from schemas.rules import Range


class OutreachActivity(RecordSchema):
    """Names no person."""

    type_name = "outreach_activity"
    type_label = Label("กิจกรรมเชิงรุก", "Outreach activity")
    places = (OfOwner(), InDistrict("area"))
    summary_fields = ("held_on", "kind", "title")

    kind = Code("ประเภทกิจกรรม", "Kind of activity", vocabulary="outreach_kind", required=True)
    held_on = Date("วันที่", "Held on", required=True)
    area = Area("พื้นที่", "Area", required=True)
    title = Line("เรื่อง", "Title")
    place_text = Line("สถานที่", "Place")
    people_reached = Integer("จำนวนผู้รับ", "People reached", rules=(Range(0, 100_000_000),))
    team = Reference("ทีม", "Team", refers_to=("team",))
    link = Line("ลิงก์", "Link")
    note = Text("รายละเอียด", "Details")
