"""A team to which cases are assigned."""

from schemas.base import Label, Origin, RecordSchema
from schemas.fields import Area, Code, Flag, Line, Phones
from schemas.placement import InReference


class Team(RecordSchema):
    """On every device, so that a case can be handed to it offline."""

    type_name = "team"
    type_label = Label("ทีม", "Team")
    origin = Origin.CENTRE
    places = (InReference(),)
    summary_fields = ("name", "kind")

    name = Line("ชื่อทีม", "Name", required=True)
    name_en = Line("ชื่ออังกฤษ", "English name")
    kind = Code("ประเภทของทีม", "Kind", vocabulary="team_kind", required=True)
    province = Area("จังหวัด", "Province", digits=(2,))
    district = Area("อำเภอ", "District", digits=(4,))
    phones = Phones("โทรศัพท์", "Telephone")
    inactive = Flag("เลิกใช้", "Inactive")
