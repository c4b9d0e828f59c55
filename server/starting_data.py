"""What a new centre begins with: Thailand's areas, the assistance rules in force, partner agencies of the whole nation.

Every record has an id that derives from what it is, so loading again adds only what is missing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import geothai
from sqlalchemy import select

from schemas.starting_rules import STARTING_RULES
from schemas.vocabulary import VOCABULARIES
from server.models.engine import reading
from server.models.sync_tables import record
from server.store import Store

NAMESPACE = UUID("8a0b0f0e-5e2c-4d0a-9a56-54a4e0c0de01")

NATIONAL_PARTNERS = ("royal_thai_police", "eef", "onde")

NewRecord = tuple[str, str, Mapping[str, Any]]

RECORDS_PER_COMMIT = 2_000


def id_of(kind: str, key: str) -> str:
    """Return the id of a starting record, the same in every centre."""
    return str(uuid5(NAMESPACE, f"{kind}:{key}"))


def load_all(store: Store, now: datetime) -> dict[str, int]:
    """Load everything and say how many records of each type are new."""
    return {
        "area": load(store, list(areas()), now),
        "assistance_rule": load(store, list(assistance_rules()), now),
        "agency": load(store, list(agencies()), now),
    }


def load(store: Store, records: Sequence[NewRecord], now: datetime) -> int:
    """Create those records that are not there yet, a few commits in all, and say how many that was.

    :raises ValueError: when the store refuses one; the declarations and this file disagree then.
    """
    present = _present(store, {type_ for type_, _, _ in records})
    new = [each for each in records if each[1] not in present]
    for start in range(0, len(new), RECORDS_PER_COMMIT):
        outcomes = store.create(new[start : start + RECORDS_PER_COMMIT], now)
        if refused := [outcome for outcome in outcomes if outcome.outcome == "rejected"]:
            raise ValueError(f"the store refused {len(refused)} starting records: {refused[0]}")
    return len(new)


def areas() -> Iterator[NewRecord]:
    """Yield all 77 provinces, 928 districts and 7,436 tambons."""
    for province in geothai.provinces():
        yield _area("province", province.code, province)
        for district in geothai.districts(province.code):
            yield _area("district", district.code, district, parent=province.code)
            for tambon in geothai.subdistricts(district.code):
                postcodes = {"postcodes": list(tambon.postal_codes)}
                yield _area("tambon", tambon.code, tambon, parent=district.code, **postcodes)


def assistance_rules() -> Iterator[NewRecord]:
    """Yield the rules of each fund."""
    for rule in STARTING_RULES:
        yield "assistance_rule", id_of("assistance_rule", f"{rule['fund']}:{rule['valid_from']}"), rule


def agencies() -> Iterator[NewRecord]:
    """Yield the partners that are one for the whole nation; a province adds its own hospitals, schools, shelters."""
    for kind in NATIONAL_PARTNERS:
        label = VOCABULARIES["agency_kind"].codes[kind].label
        yield "agency", id_of("agency", kind), {"name": label.th, "name_en": label.en, "kind": kind}


def _area(level: str, code: str, area: Any, **more: Any) -> NewRecord:
    data = {"code": code, "level": level, "name_th": area.name_th, "name_en": area.name_en, **more}
    return "area", id_of("area", code), data


def _present(store: Store, types: set[str]) -> set[str]:
    with reading(store.engine) as connection:
        return set(connection.execute(select(record.c.id).where(record.c.type.in_(types))).scalars())
