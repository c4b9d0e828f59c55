"""Lists a page at a time: ``?cursor=&limit=``, and ``next`` in the answer until there is no more."""

from collections.abc import Sequence

from schemas.rules import Length
from server.query import QueryInteger, QueryLine
from server.resource import Body

LIMIT, LIMIT_MAX = 100, 500


class PageQuery(Body):
    """Which page."""

    cursor = QueryLine("เริ่มหลังจาก", "Cursor", rules=(Length(max=200),), load_default="")
    limit = QueryInteger("จำนวน", "Limit", minimum=1, maximum=LIMIT_MAX, load_default=LIMIT)


def next_of(keys: Sequence[str], limit: int) -> str | None:
    """Return the cursor of the page after one with these keys."""
    return keys[-1] if len(keys) == limit else None
