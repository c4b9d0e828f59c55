"""Known bugs of merging."""

from tests.mutants.mutant import Mutant

MERGING: tuple[Mutant, ...] = ()
