"""Known bugs of restoring."""

from tests.mutants.mutant import Mutant

RESTORING: tuple[Mutant, ...] = ()
