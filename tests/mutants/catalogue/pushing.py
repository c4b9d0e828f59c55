"""Known bugs of pushing."""

from tests.mutants.mutant import Mutant

PUSHING: tuple[Mutant, ...] = ()
