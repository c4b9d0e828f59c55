"""A schema before the first one, made up: what ``case`` and ``household`` might have been. Today's is number 2 then.

It has every kind of step: a renamed field, changed codes (of one and of a list), several fields joined into one, one
split into a group, a removed field, a new field and a new type.
"""

import json
from collections.abc import Mapping
from typing import Any

from schemas.history import Changes, Declarations, History, Reshaped, Step
from schemas.records import RECORD_TYPES

POSITION = ("latitude", "longitude", "accuracy_m")


def joined(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a place's name and its landmark in one line."""
    name, landmark = values["place_name"], values["landmark"]
    return {"place_text": name if landmark is None else f"{name or ''}|{landmark}"}


def parted(values: Mapping[str, Any]) -> dict[str, Any]:
    name, apart, landmark = values["place_text"].partition("|")
    return {"place_name": name or None, "landmark": landmark if apart else None}


def measured(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a position that was one line of text."""
    return dict(zip(POSITION, json.loads(f"[{values['gps']}]"), strict=True))


def in_one_line(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"gps": json.dumps([values[name] for name in POSITION])[1:-1]}


CASE = Changes(
    renamed={"priority": "urgency"},
    codes={"urgency": {"high": "urgent"}, "problems": {"abuse": "violence", "work": "income_livelihood"}},
    reshaped=(Reshaped("place", ("place_name", "landmark"), joined, "place_text", ("place_text",), parted),),
    removed=frozenset({"ward_note"}),
    added=frozenset({"danger_notes"}),
)

HOUSEHOLD = Changes(reshaped=(Reshaped("gps", ("gps",), measured, "position", POSITION, in_one_line),))

HISTORY = History((Step(2, "made up", {"case": CASE, "household": HOUSEHOLD}, new_types=frozenset({"contact"})),))

DECLARATIONS = Declarations(RECORD_TYPES, HISTORY)
"""Today's types, as the second schema."""
