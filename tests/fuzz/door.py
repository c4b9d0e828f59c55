"""What a door is: something that takes bytes from outside, with a way to make some and to judge what came of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Opened:
    """A door that is ready: what to try, and what to do with each; ``knock`` raises where a promise was broken."""

    tries: st.SearchStrategy[Any]
    knock: Callable[[Any], None]


Open = Callable[[Path, str], AbstractContextManager[Opened]]
"""Prepares a door in an empty folder; for a centre there is the URL of a migrated, empty database."""


@dataclass(frozen=True)
class Door:
    """One decoder. ``examples``: how many are tried in every run of the tests."""

    name: str
    open: Open
    examples: int
