"""What a planted bug is: some lines of the product, and what a tired engineer might have written instead."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """``old`` stands exactly once in ``file`` (from the project's root); ``new`` takes its place."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """One known bug. ``what``: what goes wrong with it, in a sentence.

    ``caught_by``: ``simulation``, or ``commit_order`` where it needs transactions that truly overlap.
    ``exposed_by``: the shortest way to see it, and the number of the promise that it breaks.
    ``raises``: it is an exception that gives it away; of any other only a check's word counts.
    """

    name: str
    what: str
    edits: tuple[Edit, ...]
    caught_by: str = "simulation"
    exposed_by: str = ""
    raises: bool = False


class Stale(AssertionError):
    """A mutant no longer fits the product: a text that it would change is not there, or is there more than once."""
