"""Plant a bug: change the text of product modules while they are imported, in this process alone."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Edit, Mutant, Stale

HOME = Path(__file__).parents[2]


def plant(name: str) -> Mutant:
    """Let the modules that a mutant is about be imported with its bug in them.

    :raises Stale: when an edit does not fit the product any more, or its module is imported already.
    """
    mutant = MUTANTS[name]
    for edit in mutant.edits:
        changed(edit, (HOME / edit.file).read_text())
        if module_of(edit.file) in sys.modules:
            raise Stale(f"{name}: {edit.file} is imported already")
    sys.meta_path.insert(0, Planter(mutant))
    return mutant


def changed(edit: Edit, text: str) -> str:
    """Return a module's text with an edit made.

    :raises Stale: when it does not fit.
    """
    if text.count(edit.old) != 1:
        raise Stale(f"{edit.file} has {text.count(edit.old)} times: {edit.old}")
    return text.replace(edit.old, edit.new)


def module_of(file: str) -> str:
    """Return the name under which a file is imported."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class Planter(MetaPathFinder):
    """Finds the modules of one mutant, and nothing else."""

    def __init__(self, mutant: Mutant) -> None:
        self._edits: dict[str, list[Edit]] = {}
        for edit in mutant.edits:
            self._edits.setdefault(module_of(edit.file), []).append(edit)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the module's own spec with a loader that changes its text."""
        if fullname not in self._edits:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = Planted(fullname, spec.origin, self._edits[fullname])
        return spec


class Planted(SourceFileLoader):
    """Compiles a module with the edits made; the cache of compiled modules is neither read nor written."""

    def __init__(self, fullname: str, path: str, edits: Sequence[Edit]) -> None:
        super().__init__(fullname, path)
        self._edits = edits

    def get_code(self, fullname: str) -> CodeType:
        text = Path(self.path).read_text()
        for edit in self._edits:
            text = changed(edit, text)
        return compile(text, self.path, "exec", dont_inherit=True)
