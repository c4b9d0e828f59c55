"""What the centre concludes from what it receives: one rule a file, run inside the commit that gives it cause.

A rule reads the store and returns mutations of the centre, so every value it writes stands in the ledger.
"""

from collections.abc import Sequence

from server.derivations.aid_limits import aid_limits
from server.derivations.notices import notices
from server.store.transaction import Derivation

DERIVATIONS: Sequence[Derivation] = (aid_limits, notices)
