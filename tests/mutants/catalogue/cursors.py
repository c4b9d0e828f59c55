"""Known bugs of cursors."""

from tests.mutants.mutant import Mutant

CURSORS: tuple[Mutant, ...] = ()
