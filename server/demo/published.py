"""The figures that the province published for 2567, which the demo must reproduce."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

Table = Mapping[str, int]
"""Row identifier -> number of cases, in the order of print."""


@dataclass(frozen=True, slots=True)
class Published:
    """One published report: where it comes from, its period, its total and its tables."""

    source: str
    province: str
    first_day: date
    last_day: date
    total: int
    tables: Mapping[str, Table]


def phrae_2567() -> Published:
    """Return the report of Phrae, 1 February to 28 August 2567."""
    text = files("server.demo").joinpath("phrae_2567.json").read_text("utf-8")
    said: dict[str, Any] = json.loads(text)
    return Published(
        source=said["source"],
        province=said["province"],
        first_day=date.fromisoformat(said["from"]),
        last_day=date.fromisoformat(said["to"]),
        total=said["total"],
        tables=said["tables"],
    )
