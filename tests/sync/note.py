"""A record type with one field for each way of merging, so that a property need not know the domain."""

from schemas.base import Label, RecordSchema, RecordType
from schemas.fields import Flag, Integer, Line, Lines, Log, Text
from schemas.placement import OfOwner
from schemas.records import RECORD_TYPES


class Note(RecordSchema):
    """``x`` and ``y`` are set as one."""

    type_name = "note"
    type_label = Label("บันทึก", "Note")
    places = (OfOwner(),)

    colour = Line("สี", "Colour")
    label = Line("ป้าย", "Label")
    x = Integer("x", "x", group="position")
    y = Integer("y", "y", group="position")
    tags = Lines("คำสำคัญ", "Tags")
    text = Text("ข้อความ", "Text")
    log = Log("บันทึกเหตุการณ์", "Log", of={"what": Line("อะไร", "What")})
    done = Flag("เสร็จ", "Done")


NOTE = RecordType(Note)
TYPES = {"note": NOTE, "conflict": RECORD_TYPES["conflict"]}
