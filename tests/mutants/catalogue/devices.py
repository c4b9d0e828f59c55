"""Known bugs of devices."""

from tests.mutants.mutant import Mutant

DEVICES: tuple[Mutant, ...] = ()
