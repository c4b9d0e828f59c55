"""Every known bug, by name. The names are those of the protocol's list; the last groups are our own.

Some of the list stand in the nearest form that this product has:

- *404 deletes the queued edit*: no kit is told 404 about an edit; it hears that the edit is not permitted.
- *Membership counted*: the database itself keeps memberships a set; what may be counted twice is their sums.
- *Failed page skipped*: what has no room on a page is left out, and the cursor goes past it.
- *Unsent edits purged on logout*: to give a device back is what comes nearest to logging out.

Compaction and snapshots (promise 23) do not exist: the feed is compact by construction. Two bugs were planted and taken
out again, for nothing is lost by them: cursors that stay above the restored commit (the sums of the buckets differ, and
they are fetched anew), and the last complete commit that does (no edit leaves the overlay by it alone).
"""

from collections.abc import Mapping

from tests.mutants.catalogue.conflicts import CONFLICTS
from tests.mutants.catalogue.cursors import CURSORS
from tests.mutants.catalogue.devices import DEVICES
from tests.mutants.catalogue.erasing import ERASING
from tests.mutants.catalogue.membership import MEMBERSHIP
from tests.mutants.catalogue.merging import MERGING
from tests.mutants.catalogue.needless import NEEDLESS
from tests.mutants.catalogue.pushing import PUSHING
from tests.mutants.catalogue.recovering import RECOVERING
from tests.mutants.catalogue.restoring import RESTORING
from tests.mutants.catalogue.saving import SAVING
from tests.mutants.catalogue.special import SPECIAL
from tests.mutants.mutant import Mutant

GROUPS = (
    CURSORS,
    PUSHING,
    RECOVERING,
    SAVING,
    DEVICES,
    MERGING,
    NEEDLESS,
    CONFLICTS,
    MEMBERSHIP,
    RESTORING,
    ERASING,
    SPECIAL,
)
MUTANTS: Mapping[str, Mutant] = {mutant.name: mutant for group in GROUPS for mutant in group}
