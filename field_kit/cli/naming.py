"""Names for what records hold as codes and ids: areas and people."""

from functools import cache
from typing import Any

import msgspec

from field_kit.database import Database
from field_kit.identity import read_identity
from field_kit.messages import text

PREFIXES = {"province": "จ.", "district": "อ.", "tambon": "ต."}
PREFIXES_BANGKOK = {"district": "เขต", "tambon": "แขวง"}
BANGKOK_CODE = "10"

_DIGITS = (8, 6, 4, 2)
"""Lengths of the codes of a village, a tambon, a district, a province."""


class Names:
    """Looks names up in one open device, each once."""

    def __init__(self, database: Database, language: str) -> None:
        self._database = database
        self._language = language
        self.area = cache(self._area)
        self.user = cache(self._user)

    def _area(self, code: str) -> str:
        """Return an area's name with what it lies in; the code itself while the lists are not here."""
        codes = [code[:digits] for digits in _DIGITS if digits <= len(code)]
        wanted = msgspec.json.encode(codes).decode()
        sql = (
            "SELECT data FROM record WHERE type = 'area' AND data ->> 'code' IN (SELECT value FROM json_each(?))"
            " ORDER BY length(data ->> 'code') DESC"
        )
        found = [msgspec.json.decode(data, type=dict[str, Any]) for (data,) in self._database.rows(sql, (wanted,))]
        if not found or found[0].get("code") != code:
            return code
        return (" " if self._language == "th" else ", ").join(self._area_name(each) for each in found)

    def _area_name(self, area: dict[str, Any]) -> str:
        if self._language != "th":
            return str(area.get("name_en") or area.get("name_th") or area["code"])
        prefixes = PREFIXES_BANGKOK if area["code"].startswith(BANGKOK_CODE) else PREFIXES
        return prefixes.get(str(area.get("level")), "") + str(area.get("name_th") or area["code"])

    def _user(self, user: str) -> str:
        """Return the name of this device's own user; of others a device knows no names."""
        identity = read_identity(self._database)
        if user == identity.owner:
            return str(identity.user.get("display_name") or user)
        return text("kit.another_officer", self._language)
