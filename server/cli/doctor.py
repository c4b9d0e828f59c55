"""``husec doctor``."""

import json
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from server.checkup import examine
from server.checkup.finding import Finding, Level
from server.cli.saying import opened, say

MARKS = {Level.NOTE: "·", Level.ATTENTION: "!", Level.BROKEN: "✗"}
COLOURS = {Level.NOTE: None, Level.ATTENTION: "yellow", Level.BROKEN: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="พิมพ์เป็น JSON · print JSON")
def doctor(*, as_json: bool) -> None:
    """ตรวจสุขภาพศูนย์ · Look whether everything is well. Exit code 0: yes, 1: see to something, 2: something is broken."""
    centre = opened()
    try:
        found = examine(centre, centre.now())
    except SQLAlchemyError:
        found = [Finding(Level.BROKEN, "database_unreadable")]
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in found], ensure_ascii=False, indent=2))
    else:
        _print(found)
    raise SystemExit(max((each.level for each in found), default=Level.NOTE).value)


def _print(found: list[Finding]) -> None:
    for each in sorted(found, key=lambda each: -each.level):
        click.secho(f"{MARKS[each.level]} {each.text('th')} · {each.text('en')}", fg=COLOURS[each.level])
        click.echo(f"    → {each.next_step('th')} · {each.next_step('en')}")
    if all(each.level is Level.NOTE for each in found):
        say("ทุกอย่างเรียบร้อย", "everything is well")


def _as_json(each: Finding) -> dict[str, Any]:
    facts = {name: value if isinstance(value, int) else str(value) for name, value in each.facts.items()}
    text = {language: each.text(language) for language in ("th", "en")}
    steps = {language: each.next_step(language) for language in ("th", "en")}
    return {"level": each.level.name.lower(), "code": each.code, "facts": facts, "text": text, "next": steps}
