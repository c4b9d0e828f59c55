"""Known bugs of recovering."""

from tests.mutants.mutant import Mutant

RECOVERING: tuple[Mutant, ...] = ()
