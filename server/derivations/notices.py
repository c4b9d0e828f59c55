"""Tell people what became of their edits later: a conflict they were part of was decided.

A notice has no payload: it names the record and says what happened, and the device shows what it may show of it.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from server.ids import new_id
from sync.mutation import Mutation, Op
from sync.state import RecordState


def notices(connection: Connection, changed: Mapping[str, RecordState]) -> Iterable[Mutation]:
    """Return a notice to each author whose value was in a conflict that this commit decides."""
    for state in changed.values():
        if state.type == "conflict" and state.data["status"] == "resolved":
            for contender in state.data["contenders"]:
                if contender["user"] != state.data["resolution"]["by"]:
                    yield _notice(state, contender)


def _notice(conflict: RecordState, contender: Mapping[str, str]) -> Mutation:
    data = {
        "user": contender["user"],
        "mutation": contender["mutation"],
        "record": conflict.data["record"],
        "kind": "decided",
        "code": "decided",
        "at": conflict.data["resolution"]["at"],
    }
    return Mutation(seq=0, id=new_id(), op=Op.CREATE, type="notice", record=new_id(), recorded_at="", data=data)
