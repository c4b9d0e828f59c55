"""The documents name what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PATH = re.compile(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.(?:py|md)))`")


def test_every_path_in_the_architecture_exists() -> None:
    named = PATH.findall((DOCS / "architecture.md").read_text("utf-8"))
    assert len(named) > 30
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_path_in_a_decision_exists() -> None:
    named = {path for each in (DOCS / "adr").glob("*.md") for path in PATH.findall(each.read_text("utf-8"))}
    assert [path for path in sorted(named) if "/" in path and not (ROOT / path).exists()] == []


def test_every_decision_is_listed_under_its_own_title() -> None:
    decisions = sorted((DOCS / "adr").glob("[0-9]*.md"))
    listed = re.findall(r"^- \[(.*)\]\((.*)\)$", (DOCS / "adr/README.md").read_text("utf-8"), re.MULTILINE)
    assert listed == [(each.read_text("utf-8").split("\n")[0].removeprefix("# "), each.name) for each in decisions]


def test_every_decision_says_context_decision_consequences_and_costs() -> None:
    for each in (DOCS / "adr").glob("[0-9]*.md"):
        parts = re.findall(r"^\*\*(\w+)\.\*\*", each.read_text("utf-8"), re.MULTILINE)
        assert [part for part in parts if part != "Why"] == ["Context", "Decision", "Consequences", "Costs"], each.name
