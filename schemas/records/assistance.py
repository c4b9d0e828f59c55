"""Assistance given in a case: money, goods or another matter. A payment made is a fact, over the limit or not."""

from schemas.base import Carry, Label, Origin, RecordSchema, Risk
from schemas.fields import Code, Date, Flag, Line, Money, Reference, Text
from schemas.privacy import Privacy
from schemas.rules import RequiredIf


class Assistance(RecordSchema):
    """Travels with its case. Whether it exceeds a rule is judged by the centre, which knows all payments."""

    type_name = "assistance"
    type_label = Label("การช่วยเหลือ", "Assistance")
    summary_fields = ("given_on", "kind", "fund", "amount_satang")
    record_rules = (RequiredIf("amount_satang", when="kind", has=("money",)),)

    case = Reference("กรณี", "Case", refers_to=("case",), carry=Carry.BY, required=True)
    person = Reference("ผู้รับ", "Recipient", refers_to=("person",), risk=Risk.IDENTITY)
    operation = Code("การดำเนินการ", "Operation", vocabulary="operation")
    kind = Code("ประเภทความช่วยเหลือ", "Kind of assistance", vocabulary="assistance_kind")
    fund = Code("เงินช่วยเหลือ", "Fund", vocabulary="fund", risk=Risk.MONEY)
    rule = Reference("หลักเกณฑ์", "Rule", refers_to=("assistance_rule",), risk=Risk.MONEY)
    amount_satang = Money("จำนวนเงิน", "Amount", privacy=Privacy.PERSONAL, risk=Risk.MONEY)
    goods = Text("สิ่งของ", "Goods", privacy=Privacy.PERSONAL)
    given_on = Date("วันที่ช่วยเหลือ", "Given on", risk=Risk.MONEY)
    payee_name = Line("ผู้รับเงิน", "Payee", privacy=Privacy.PERSONAL, risk=Risk.MONEY)
    receipt_number = Line("เลขที่ใบสำคัญ", "Receipt number", privacy=Privacy.PERSONAL, risk=Risk.MONEY)
    note = Text("หมายเหตุ", "Note", privacy=Privacy.SENSITIVE)
    over_limit = Flag("เกินหลักเกณฑ์", "Over the limit", written_by=Origin.CENTRE, risk=Risk.MONEY)
    over_limit_reason = Line("เกินเพราะ", "Why over the limit", written_by=Origin.CENTRE, risk=Risk.MONEY)
