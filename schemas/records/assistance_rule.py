"""A rule of a fund, true between two dates. An amount in force is data, never a constant."""

from schemas.base import Label, Origin, RecordSchema
from schemas.fields import Code, Date, Flag, Integer, Line, Money, Text
from schemas.placement import InReference
from schemas.rules import Range


class AssistanceRule(RecordSchema):
    """No ceiling, no count, no cooldown: not limited."""

    type_name = "assistance_rule"
    type_label = Label("หลักเกณฑ์การช่วยเหลือ", "Assistance rule")
    origin = Origin.CENTRE
    places = (InReference(),)
    summary_fields = ("fund", "regulation", "valid_from")

    fund = Code("เงินช่วยเหลือ", "Fund", vocabulary="fund", required=True)
    regulation = Line("ระเบียบ", "Regulation")
    ceiling_satang = Money("วงเงินต่อครั้ง", "Ceiling each time")
    times_per_fiscal_year = Integer("จำนวนครั้งต่อปีงบประมาณ", "Times per fiscal year", rules=(Range(1, 1000),))
    cooldown_days = Integer("เว้นอย่างน้อย (วัน)", "Days before applying again", rules=(Range(0, 3660),))
    valid_from = Date("ใช้ตั้งแต่", "Valid from")
    valid_to = Date("ใช้ถึง", "Valid to")
    verified = Flag("ตรวจกับระเบียบแล้ว", "Checked against the regulation")
    note = Text("หมายเหตุ", "Note")
