"""A photo or file. The record travels as a record; its bytes follow, and the hash says they are the ones."""

from schemas.base import Carry, Label, RecordSchema
from schemas.fields import Code, Instant, Integer, Line, Reference, Sha256
from schemas.privacy import Privacy
from schemas.rules import Pattern, Range


class Attachment(RecordSchema):
    """Wherever its owner record is. File names are typed by people and may say who: personal."""

    type_name = "attachment"
    type_label = Label("รูปหรือไฟล์", "Photo or file")
    summary_fields = ("kind", "name")

    owner_record = Reference(
        "ของเรื่อง", "Belongs to", required=True, carry=Carry.WITH,
        refers_to=("visit", "case", "help_request", "person", "household", "assistance", "referral", "emergency",
                   "assessment", "contact", "outreach_activity"),
    )  # fmt: skip
    sha256 = Sha256("ลายนิ้วมือไฟล์", "SHA-256", required=True, fixed=True)
    size = Integer("ขนาด (ไบต์)", "Size (bytes)", required=True, fixed=True, rules=(Range(0, 1_000_000_000),))
    media_type = Line("ชนิดไฟล์", "Media type", required=True, rules=(Pattern("[a-z]+/[a-z0-9.+-]+"),))
    name = Line("ชื่อไฟล์", "File name", privacy=Privacy.PERSONAL)
    kind = Code("ประเภท", "Kind", vocabulary="photo_kind")
    taken_at = Instant("เวลาที่ถ่าย", "Taken at")
    caption = Line("คำบรรยาย", "Caption", privacy=Privacy.SENSITIVE)
