"""Every schedule that ever found something, kept step by step in ``regressions.json`` and played by every test run."""

import json
from pathlib import Path
from typing import Any

from tests.simulation.plan import Plan, from_json, to_json

FILE = Path(__file__).with_name("regressions.json")


def kept() -> list[dict[str, Any]]:
    """Return what is kept: ``found`` says what a schedule found when it was kept."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text()) if FILE.exists() else []
    return found


def schedule_of(entry: dict[str, Any]) -> Plan:
    """Return the schedule of an entry."""
    return from_json(entry)


def keep(plan: Plan, found: str) -> None:
    """Add a schedule."""
    entries = [json.dumps(each, ensure_ascii=False) for each in [*kept(), {"found": found, **to_json(plan)}]]
    FILE.write_text("[\n" + ",\n".join(entries) + "\n]\n")
