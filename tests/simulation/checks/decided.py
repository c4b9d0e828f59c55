"""Whoever decides a conflict has seen all that contends in it: promise 14, at the desks."""

from typing import Any

import msgspec

from tests.simulation.fleet import Fleet, Violation
from tests.simulation.headquarters import Answer

PROMISE = "14 closed by a resolution"


class Decided:
    """A decision that was accepted was made on a page with every contender, and with the field as it is."""

    def decided(self, fleet: Fleet, conflict: str, page: dict[str, Any], before: int, answer: Answer) -> None:
        """Compare what staff had on their screen with what was there. ``before``: the record's version then."""
        if answer.status != 200:
            return
        [(data,)] = fleet.headquarters.rows("SELECT data FROM record WHERE id = ?", (conflict,))
        there = {each["mutation"] for each in msgspec.json.decode(data)["contenders"]}
        if unseen := there - {each["mutation"] for each in page["contenders"]}:
            what = (
                f"{page['field']} of {page['record'][-6:]} was decided on a page that lacked {len(unseen)} contenders"
            )
            raise Violation(PROMISE, what)
        if before > page["record_version"]:
            what = f"{page['record'][-6:]} of {before} was decided on a page of {page['record_version']}"
            raise Violation(PROMISE, what)
