"""An administrative area: province, district, tambon or village, by its DOPA code. Names repeat; codes do not."""

from schemas.base import Label, Origin, RecordSchema
from schemas.fields import Area as AreaCode
from schemas.fields import Code, Flag, Integer, Line, Lines
from schemas.placement import InAreaList
from schemas.rules import Range


class Area(RecordSchema):
    """Provinces and districts are on every device, the rest with its province's list."""

    type_name = "area"
    type_label = Label("พื้นที่", "Area")
    origin = Origin.CENTRE
    places = (InAreaList("code"),)
    summary_fields = ("code", "name_th", "name_en")

    code = AreaCode("รหัส", "Code", required=True)
    name_th = Line("ชื่อไทย", "Thai name", required=True)
    name_en = Line("ชื่ออังกฤษ", "English name")
    parent = AreaCode("อยู่ใน", "Parent", digits=(2, 4, 6))
    level = Code("ระดับ", "Level", vocabulary="area_level", required=True)
    village_number = Integer("หมู่ที่", "Village number", rules=(Range(1, 99),))
    postcodes = Lines("รหัสไปรษณีย์", "Postcodes")
    abolished = Flag("ยกเลิกแล้ว", "Abolished")
    successor = AreaCode("รหัสที่ใช้แทน", "Successor")
