"""Every known bug fits the product as it is today, and the product knows nothing of them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.catalogue import GROUPS, MUTANTS
from tests.mutants.mutant import Edit, Mutant, Stale
from tests.mutants.planting import HOME, changed

PRODUCT = ("server", "sync", "schemas", "field_kit")


def test_at_least_forty_are_known_each_by_its_own_name() -> None:
    assert len(MUTANTS) == sum(map(len, GROUPS)) >= 40


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_a_mutant_fits_the_product_and_can_be_compiled(mutant: Mutant) -> None:
    texts: dict[str, str] = {}
    for edit in mutant.edits:
        before = texts.get(edit.file) or (HOME / edit.file).read_text()
        texts[edit.file] = changed(edit, before)

    for file, text in texts.items():
        assert ast.dump(ast.parse(text)) != ast.dump(ast.parse((HOME / file).read_text()))


def test_an_edit_that_no_longer_fits_is_refused() -> None:
    with pytest.raises(Stale, match="0 times"):
        changed(Edit("sync/merge.py", "nowhere to be found", ""), "something else")


def test_the_product_knows_nothing_of_them() -> None:
    files = [path for package in PRODUCT for path in (HOME / package).rglob("*.py")]
    assert [path for path in files if "mutant" in path.read_text()] == []


@pytest.mark.process
def test_a_planted_bug_is_in_the_code_that_runs() -> None:
    script = (
        "from tests.mutants.planting import plant; plant('last-writer-wins');"
        "from sync.merge import Meeting, register; print(register(Meeting('b', 2, 'a', 'c', 1)).value)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=Path(HOME), capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "c"
