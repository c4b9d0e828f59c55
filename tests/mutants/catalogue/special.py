"""Known bugs of special."""

from tests.mutants.mutant import Mutant

SPECIAL: tuple[Mutant, ...] = ()
