"""What an answer says of what people wrote: promise 10, for every answer but a page, which ``visible`` looks at."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from schemas.records import RECORD_TYPES
from server.access_log import OPEN_LISTS
from tests.simulation.checks.visible import body_of
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.headquarters import Answer, Request

PROMISE = "10 an answer tells nobody's words"
OUTCOME = frozenset({"id", "outcome", "commit", "code", "errors", "conflicts", "waits_for"})
LENGTH_MIN = 3
"""Shorter texts stand in too many places."""


class Replied:
    """A push is answered without a value of the centre, and no other answer repeats what somebody else has typed."""

    def answered(self, fleet: Fleet, request: Request, answer: Answer) -> None:
        if request.path.endswith("/sync/pull") or not _is_json(answer):
            return
        if request.path.endswith("/sync/push") and answer.status == 200:
            _has_no_value(fleet, request, answer.json)
        elif strange := _texts_in(answer.json) & _written(fleet) - _said(request):
            raise Violation(PROMISE, f"{answer.status} of {request.path} says {sorted(strange)}")


def _is_json(answer: Answer) -> bool:
    kind = next((value for name, value in answer.headers if name.lower() == "content-type"), "")
    return "json" in kind and bool(answer.body)


# --- the answer to a push


def _has_no_value(fleet: Fleet, request: Request, reply: Mapping[str, Any]) -> None:
    """Each outcome names its own edit, fields, bounds, and conflicts by their ids; never what a field says."""
    for outcome in reply["outcomes"]:
        if more := outcome.keys() - OUTCOME:
            raise Violation(PROMISE, f"an outcome has {sorted(more)}")
        typed: str | None = None
        for found in _not_of_the_protocol(outcome):
            typed = _typed_in(fleet, request, outcome["id"]) if typed is None else typed
            if str(found) not in typed:
                raise Violation(PROMISE, f"an outcome says {found!r}, which its author did not type: {outcome}")


def _not_of_the_protocol(outcome: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what could be somebody's words or a record's value."""
    if waits_for := outcome.get("waits_for"):
        yield waits_for
    for each in outcome.get("conflicts", ()):
        if each.keys() != {"field", "record"}:
            yield sorted(each)
        if each["field"] not in _fields():
            yield each["field"]
    for name, problems in outcome.get("errors", {}).items():
        if name not in _fields():
            yield name
        for problem in problems:
            yield from _in_problem(problem)


def _in_problem(problem: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what stands beside a problem's code and is neither a bound nor the name of anything declared."""
    for part, said in problem.items():
        for each in said if isinstance(said, list) else [said]:
            bound = part in ("min", "max", "at", "received_on") or part == "code"
            if not bound and str(each) not in _words():
                yield each


def _typed_in(fleet: Fleet, request: Request, mutation: str) -> str:
    """Return all that an author has said by an edit: in this request, or sealed, or when it first came."""
    rows = fleet.headquarters.rows("SELECT payload FROM mutation WHERE id = ?", (mutation,))
    return " ".join(payload or "" for (payload,) in rows) + str(body_of(request))


@cache
def _fields() -> frozenset[str]:
    """Everything that may stand where a field is named."""
    names = {name for kind in RECORD_TYPES.values() for name in (*kind.fields, *kind.groups)}
    return frozenset(names | {"*", "mutation", "type", "into", "moves", "merged_into"})


@cache
def _words() -> frozenset[str]:
    """The names of fields and of lists of choices."""
    lists = {spec.vocabulary for kind in RECORD_TYPES.values() for spec in kind.fields.values()}
    return _fields() | {each if isinstance(each, str) else each.name for each in lists if each}


# --- any other answer


def _written(fleet: Fleet) -> frozenset[str]:
    """Return every text that stands in a record, but for the lists that are open to all."""
    return frozenset(fleet.sight.once("written", lambda: frozenset(_all_written(fleet))))


def _all_written(fleet: Fleet) -> Iterator[str]:
    for state in fleet.sight.records.values():
        if state.type not in OPEN_LISTS:
            yield from _texts_in(state.data)


def _said(request: Request) -> set[str]:
    """Return the texts of a request; photos and what is sealed have none."""
    kind = request.headers.get("Content-Type", "")
    return _texts_in(body_of(request)) if kind == "application/json" and request.body else set()


def _texts_in(value: Any) -> set[str]:
    """Return what people may have written, anywhere in a value: neither codes, nor ids, nor figures."""
    if isinstance(value, str):
        return set() if len(value) < LENGTH_MIN or not _is_written(value) else {value}
    if isinstance(value, Mapping):
        return set().union(*map(_texts_in, value.values())) if value else set()
    return set().union(*map(_texts_in, value)) if isinstance(value, list) and value else set()


def _is_written(text: str) -> bool:
    """Tell whether a text is in somebody's words: of any letters but those of codes, ids and instants."""
    return not text.isascii()
