"""The field kinds a record may be made of. Values stay JSON: a date is text in ISO form, checked and normalised.

``deserialize`` returns the stored form of a value; the wire and the store hold the same. Every kind is listed here.
"""

from schemas.fields.base import RecordField
from schemas.fields.codes import Area, Code, Codes
from schemas.fields.links import ANY_RECORD, Id, Reference, References, User
from schemas.fields.lists import Lines, Phones
from schemas.fields.numbers import Flag, Integer, Money, Number
from schemas.fields.structures import Log, Object, Objects, Raw
from schemas.fields.text import IdentityNumber, Line, Phone, ReferenceNumber, Sha256, Text
from schemas.fields.times import Date, Instant

KINDS: tuple[type[RecordField], ...] = (
    Line, Text, Integer, Number, Money, Flag, Code, Codes, Date, Instant, Area, Phone, Phones, Lines, IdentityNumber,
    Reference, References, User, Id, Log, Objects, Object, Raw, Sha256, ReferenceNumber,
)  # fmt: skip

__all__ = [
    "ANY_RECORD", "KINDS", "Area", "Code", "Codes", "Date", "Flag", "Id", "IdentityNumber", "Instant", "Integer",
    "Line", "Lines", "Log", "Money", "Number", "Object", "Objects", "Phone", "Phones", "Raw", "RecordField",
    "Reference", "ReferenceNumber", "References", "Sha256", "Text", "User",
]  # fmt: skip
