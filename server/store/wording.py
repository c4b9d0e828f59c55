"""Between the words of a sender's schema and the centre's: what comes is read upwards, what is told downwards."""

from dataclasses import replace

from schemas.history import History
from server.store.arrival import Arrived, Batch
from sync.decision import Decision
from sync.mutation import Malformed
from sync.upcasting import told, upcast


def upcast_batch(history: History, batch: Batch) -> Batch:
    """Return a batch whose mutations say what they say under the current schema; their texts stay as they came.

    What the centre itself makes is in its own words, unless a mutation names another schema.
    """
    pushed = history.current if batch.writer.centre else batch.schema
    if all(_written_under(each, pushed) >= history.current for group in batch.groups for each in group):
        return batch
    return replace(batch, groups=[[_upcast(history, each, pushed) for each in group] for group in batch.groups])


def _upcast(history: History, arrived: Arrived, pushed: int) -> Arrived:
    schema = _written_under(arrived, pushed)
    return replace(arrived, mutation=upcast(history, arrived.mutation, schema), sent=arrived.mutation, schema=schema)


def _written_under(arrived: Arrived, pushed: int) -> int:
    """Return the schema of a mutation: its own word, what the ledger has of it, or that of its push."""
    own = None if isinstance(arrived.mutation, Malformed) else arrived.mutation.schema
    return own or arrived.schema or pushed


def in_words_of(history: History, arrived: Arrived, decision: Decision) -> Decision:
    """Return a decision with its fields named as the author's own schema names them."""
    if arrived.sent is None or arrived.schema is None:
        return decision
    return told(history, arrived.sent, arrived.schema, decision)
