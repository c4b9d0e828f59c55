"""Known bugs of conflicts."""

from tests.mutants.mutant import Mutant

CONFLICTS: tuple[Mutant, ...] = ()
