"""Known bugs of membership."""

from tests.mutants.mutant import Mutant

MEMBERSHIP: tuple[Mutant, ...] = ()
