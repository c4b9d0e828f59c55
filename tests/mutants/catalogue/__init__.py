"""Every known bug, by name. The names are those of the protocol's list; the last group is our own."""

from collections.abc import Mapping

from tests.mutants.catalogue.conflicts import CONFLICTS
from tests.mutants.catalogue.cursors import CURSORS
from tests.mutants.catalogue.devices import DEVICES
from tests.mutants.catalogue.erasing import ERASING
from tests.mutants.catalogue.membership import MEMBERSHIP
from tests.mutants.catalogue.merging import MERGING
from tests.mutants.catalogue.pushing import PUSHING
from tests.mutants.catalogue.recovering import RECOVERING
from tests.mutants.catalogue.restoring import RESTORING
from tests.mutants.catalogue.special import SPECIAL
from tests.mutants.mutant import Mutant

GROUPS = (CURSORS, PUSHING, RECOVERING, DEVICES, MERGING, CONFLICTS, MEMBERSHIP, RESTORING, ERASING, SPECIAL)
MUTANTS: Mapping[str, Mutant] = {mutant.name: mutant for group in GROUPS for mutant in group}
