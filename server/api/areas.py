"""Areas: provinces, districts, tambons, villages by DOPA code."""

from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.fields import Area, Code
from schemas.rules import Length
from server import areas
from server.auth.current import permission
from server.centre import current_centre
from server.models.engine import reading
from server.paging import PageQuery, next_of
from server.query import QueryLine
from server.resource import Resource, answers

blp = Resource("areas", __name__, url_prefix="/api/v1/areas", description="Provinces, districts, tambons, villages")


class AreaQuery(PageQuery):
    """Below which area, of which level, with which part of a name."""

    parent = Area("อยู่ใน", "Parent", digits=(2, 4, 6))
    level = Code("ระดับ", "Level", vocabulary="area_level")
    q = QueryLine("คำค้น", "Search", rules=(Length(max=100),))


class AreaPage(msgspec.Struct, frozen=True):
    """Areas in order of code."""

    items: list[Mapping[str, Any]]
    next: str | None


@blp.route("", methods=["GET"])
@permission("area", "read")
@answers(AreaPage)
@blp.arguments(AreaQuery, location="query")
def show_all(given: dict[str, Any]) -> AreaPage:
    """List areas, by parent, level or part of a name (Thai or English)."""
    with reading(current_centre().engine) as connection:
        found = areas.find(
            connection,
            parent=given.get("parent"),
            level=given.get("level"),
            text=given.get("q"),
            after=given["cursor"],
            limit=given["limit"],
        )
    return AreaPage(found, next_of([area["code"] for area in found], given["limit"]))
