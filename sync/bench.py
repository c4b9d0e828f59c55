"""What every decision of one push shares."""

from collections.abc import Callable
from dataclasses import dataclass

from sync.state import Receipt, Writer


@dataclass(frozen=True, slots=True)
class Bench:
    """Who writes, when it came, where ids come from, and the schema that is spoken."""

    writer: Writer
    receipt: Receipt
    new_id: Callable[[], str]
    schema: int
