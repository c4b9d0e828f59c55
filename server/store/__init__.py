"""Records, ledger and buckets on SQLAlchemy: the only writer of the sync tables, and the reader of the feed.

``Store`` is the door; behind it ``push`` and ``transaction`` write, ``pull`` serves devices, ``views`` serves desks.
"""

from server.store.author import Author
from server.store.store import Store
from server.store.transaction import CENTRE, Derivation
from server.store.views import RecordView, Scope

__all__ = ["CENTRE", "Author", "Derivation", "RecordView", "Scope", "Store"]
