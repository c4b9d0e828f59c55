"""What people write around a report's figures: obstacles, suggestions, a remark, who made and checked it."""

from schemas.base import Label, RecordSchema
from schemas.fields import Area, Date, Line, Text
from schemas.placement import InDistrict, OfOwner


class ReportNarrative(RecordSchema):
    """One province and period. The figures themselves are never stored here."""

    type_name = "report_narrative"
    type_label = Label("ข้อความประกอบรายงาน", "Report narrative")
    places = (OfOwner(), InDistrict("area"))
    summary_fields = ("area", "period_from", "period_to")

    area = Area("จังหวัด", "Province", digits=(2,), required=True)
    period_from = Date("ตั้งแต่วันที่", "From", required=True)
    period_to = Date("ถึงวันที่", "To", required=True)
    remark = Text("คำบรรยาย", "Remark")
    obstacles = Text("ปัญหาอุปสรรค", "Obstacles")
    suggestions = Text("ข้อเสนอแนะ", "Suggestions")
    reporter_name = Line("ผู้รายงาน", "Reported by")
    reporter_position = Line("ตำแหน่งผู้รายงาน", "Reporter's position")
    checked_by_name = Line("ผู้ตรวจ (พมจ.)", "Checked by")
    checked_on = Date("วันที่ตรวจ", "Checked on")
