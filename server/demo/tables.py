"""Tables for a terminal, in Thai: columns stand straight because marks above and below a letter take no room."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDE = {"W", "F"}
NO_WIDTH = {"Mn", "Me", "Cf"}


@dataclass(frozen=True, slots=True)
class Compared:
    """One published row beside the counted one; ``None`` where a side does not have the row."""

    id: str
    label: str
    published: int | None
    counted: int | None

    @property
    def equal(self) -> bool:
        """Whether both say the same."""
        return self.published == self.counted


def compare(published: Mapping[str, int], table: Mapping[str, Any]) -> list[Compared]:
    """Lay a table of the report beside the published one, in the report's order.

    A row that was not published may be there as long as it is zero; a row in another place than published counts as
    different, for both sides.
    """
    counted = {row["id"]: row["figures"]["period"] for row in table["rows"]}
    labels = {row["id"]: row["label"]["th"] for row in table["rows"]}
    in_order = [id_ for id_ in counted if id_ in published] == list(published)
    rows = [Compared(id_, labels[id_], published.get(id_), counted[id_]) for id_ in counted]
    rows += [Compared(id_, id_, count, None) for id_, count in published.items() if id_ not in counted]
    kept = [row for row in rows if row.published is not None or row.counted]
    return kept if in_order else [Compared(row.id, row.label, row.published, None) for row in kept]


def lines(title: str, rows: Sequence[Compared]) -> list[str]:
    """Return the lines of one table."""
    widths = (max(width(row.label) for row in rows), 10, 10)
    head = cells(("", "เผยแพร่", "นับได้"), widths)
    body = [cells((row.label, shown(row.published), shown(row.counted)), widths) + sign(row) for row in rows]
    return [title, head, *body]


def cells(texts: Sequence[str], widths: Sequence[int]) -> str:
    """Return one line: the first cell to the left, figures to the right."""
    first, *figures = texts
    padded = [" " * (wide - width(text)) + text for text, wide in zip(figures, widths[1:], strict=True)]
    return "  " + first + " " * (widths[0] - width(first)) + "".join(padded)


def shown(figure: int | None) -> str:
    """Return a figure, or a dash where there is none."""
    return "–" if figure is None else str(figure)


def sign(row: Compared) -> str:
    """Return the sign after a row."""
    return "  =" if row.equal else "  ≠"


def width(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return sum(column_count(character) for character in text)


def column_count(character: str) -> int:
    """Return the columns of one character: vowels and tone marks above or below stand on the letter before."""
    if unicodedata.category(character) in NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in WIDE else 1
