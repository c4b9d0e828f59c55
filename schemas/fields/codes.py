"""Kinds whose values come from a list: codes of a vocabulary, areas."""

from typing import Any

from schemas import vocabulary as lists
from schemas.base import Merge
from schemas.checks import area_code
from schemas.fields.base import RecordField, refused


class Code(RecordField):
    """One code of a vocabulary."""

    kind = "code"

    def __init__(self, th: str, en: str, *, vocabulary: str, **declared: Any) -> None:
        super().__init__(th, en, **declared)
        self.vocabulary = vocabulary
        self.codes = lists.VOCABULARIES[vocabulary].codes

    def stored(self, value: Any) -> Any:
        """Return the code."""
        return self.one(value)

    def one(self, value: Any) -> str:
        """Return one code of the list."""
        if not isinstance(value, str):
            raise self.wrong_type()
        if value not in self.codes:
            raise refused("unknown_code", vocabulary=self.vocabulary)
        return value


class Codes(Code):
    """Any number of codes of a vocabulary; each is added and removed by itself."""

    kind = "codes"
    default_merge = Merge.SET

    def stored(self, value: Any) -> list[str]:
        """Return the codes in alphabetical order, each once."""
        if not isinstance(value, list):
            raise self.wrong_type()
        return sorted({self.one(code) for code in value})


class Area(RecordField):
    """A DOPA area code of 2, 4, 6 or 8 digits. Whether the area exists is data, not form."""

    kind = "area"

    def __init__(self, th: str, en: str, *, digits: tuple[int, ...] = (2, 4, 6, 8), **declared: Any) -> None:
        super().__init__(th, en, **declared)
        self.digits = digits

    def stored(self, value: Any) -> str:
        """Return the code; a tambon written with 8 digits loses its last two zeros."""
        if not isinstance(value, str):
            raise self.wrong_type()
        code = area_code(value)
        if code is None or len(code) not in self.digits:
            raise refused("wrong_area", digits=list(self.digits))
        return code
