"""What came of it all: captured beside arrived, photo hashes, conflicts, and the tables beside the published ones."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.demo.desk import StaffDesk
from server.demo.plan import Done
from server.demo.published import Published
from server.demo.tables import Compared, compare


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything by which the demo succeeds or fails. Counts of records are by type."""

    captured: Mapping[str, int]
    arrived: Mapping[str, int]
    missing: int
    photos: int
    photos_matching: int
    conflicts: list[dict[str, Any]]
    tables: Mapping[str, list[Compared]]

    @property
    def equal(self) -> bool:
        """Whether every table is as published."""
        return all(row.equal for rows in self.tables.values() for row in rows)

    @property
    def whole(self) -> bool:
        """Whether everything arrived once, photos too, and nothing that nobody captured."""
        return self.captured == self.arrived and not self.missing and self.photos == self.photos_matching

    def summary(self) -> dict[str, Any]:
        """Return the outcome as data: ``captured`` and ``arrived`` are cases, ``missing`` records of any type."""
        return {
            "captured": self.captured.get("case", 0),
            "arrived": self.arrived.get("case", 0),
            "missing": self.missing,
            "photos": self.photos,
            "photos_matching": self.photos_matching,
            "conflicts": len(self.conflicts),
            "tables": {name: {row.id: row.counted for row in rows} for name, rows in self.tables.items()},
        }


def judge(desk: StaffDesk, made: Iterable[Done], published: Published) -> Outcome:
    """Ask the centre for everything that was captured, and for the report."""
    types: dict[str, str] = {}
    hashes: dict[str, str] = {}
    for done in made:
        types |= done.types
        hashes |= done.hashes
    arrived = desk.arrived(types.values())
    found = desk.photo_hashes(hashes)
    report = desk.report(published)
    return Outcome(
        captured=Counter(types.values()),
        arrived={type_: len(ids) for type_, ids in arrived.items()},
        missing=sum(record not in arrived[type_] for record, type_ in types.items()),
        photos=len(hashes),
        photos_matching=sum(found[attachment] == expected for attachment, expected in hashes.items()),
        conflicts=desk.conflicts(),
        tables={name: compare(table, report[name]) for name, table in published.tables.items()},
    )
