"""A notice to one user about what became of their work. It carries no content of any record."""

from schemas.base import Label, Merge, Origin, RecordSchema
from schemas.fields import ANY_RECORD, Flag, Id, Instant, Line, Raw, Reference, User
from schemas.placement import OfUser


class Notice(RecordSchema):
    """In its reader's own bucket; the text comes from the catalogue by ``code``.

    ``detail`` says why: ``{"code": "validation_failed", "errors": {"urgency": [{"code": "unknown_code"}]}}``.
    """

    type_name = "notice"
    type_label = Label("แจ้งเตือน", "Notice")
    origin = Origin.CENTRE
    places = (OfUser("user"),)
    summary_fields = ("at", "code")

    user = User("ถึง", "To", required=True)
    kind = Line("ประเภท", "Kind", required=True)
    code = Line("รหัสข้อความ", "Message code")
    detail = Raw("สาเหตุ", "Why")
    mutation = Id("รายการแก้ไข", "Mutation")
    record = Reference("เรื่อง", "Record", refers_to=ANY_RECORD)
    at = Instant("เวลา", "At")
    read = Flag("อ่านแล้ว", "Read", merge=Merge.LATEST)
