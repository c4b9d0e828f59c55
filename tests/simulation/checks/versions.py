"""A centre of a newer schema stores today's words alone, whoever wrote them: promise 27."""

from schemas.base import MERGED_INTO
from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Fleet, Violation

PROMISE = "27 upcast then apply is apply then migrate"


class Versions:
    """No record has a field or a code that only the older schema knew."""

    def check(self, fleet: Fleet) -> None:
        fleet.sight.once("words", lambda: _in_todays_words(fleet))


def _in_todays_words(fleet: Fleet) -> bool:
    for state in fleet.sight.records.values():
        fields = RECORD_TYPES[state.type].fields
        if old := sorted(state.data.keys() - fields.keys() - {MERGED_INTO}):
            raise Violation(PROMISE, f"{state.type} {state.id[-6:]} has {old}")
        if state.type in ("case", "household") and not state.deleted and state.data:
            clean, errors = RECORD_TYPES[state.type].load_values(state.data)
            if errors or clean != state.data:
                raise Violation(PROMISE, f"{state.type} {state.id[-6:]}: {errors}")
    return True
