"""An agency to which cases are referred."""

from schemas.base import Label, Origin, RecordSchema
from schemas.fields import Area, Code, Flag, Line, Phones, Text
from schemas.placement import InReference


class Agency(RecordSchema):
    """On every device."""

    type_name = "agency"
    type_label = Label("หน่วยงาน", "Agency")
    origin = Origin.CENTRE
    places = (InReference(),)
    summary_fields = ("name", "kind")

    name = Line("ชื่อหน่วยงาน", "Name", required=True)
    name_en = Line("ชื่ออังกฤษ", "English name")
    kind = Code("ประเภทของหน่วยงาน", "Kind", vocabulary="agency_kind", required=True)
    area = Area("พื้นที่", "Area")
    phones = Phones("โทรศัพท์", "Telephone")
    address = Text("ที่อยู่", "Address")
    inactive = Flag("เลิกใช้", "Inactive")
