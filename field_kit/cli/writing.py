"""``field-kit new``, ``edit``, ``delete`` and ``attach``: everything saved at once, sent later."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from field_kit.cli import new_person
from field_kit.cli.display import DANGERS, type_label
from field_kit.cli.exits import error_lines, label_of
from field_kit.cli.new_person import Decided, Said
from field_kit.cli.officer import Officer, for_officer
from field_kit.cli.prompting import ask
from field_kit.cli.typed import Typing
from field_kit.editing import type_named
from field_kit.errors import BadInput, Invalid, UnknownRecord
from field_kit.finding import find, short
from field_kit.kit import FieldKit
from field_kit.likely import PERSON
from field_kit.saving import Save, Saved
from schemas.checks import is_national_id, read_back_national_id
from schemas.messages import problem_text
from sync.outgoing import URGENT_TYPES

INPUT = click.option(
    "--input",
    "source",
    type=click.File(encoding="utf-8"),
    help="ค่าเป็น JSON จากไฟล์ หรือ - · values as JSON from a file, or -",
)


@click.command()
@click.argument("record_type", metavar="TYPE", required=False)
@click.argument("assignments", metavar="[NAME=VALUE]...", nargs=-1)
@INPUT
@new_person.with_options
@for_officer
def new(
    officer: Officer,
    record_type: str | None,
    assignments: tuple[str, ...],
    source: TextIO | None,
    same_as: str | None,
    *,
    different: bool,
    let_staff_look: bool,
) -> None:
    """บันทึกเรื่องใหม่ · Record something new: ``field-kit new case area=540101 problems=violence``.

    Codes are taken by identifier or by label, days as 23/11/2569 or 2026-11-23, amounts in baht as ``amount=500``.
    Without values each field is asked for. ``--input`` takes one object of values, or a list of
    ``{"type": …, "as": "p", "data": {…}}`` that is saved as one; ``"@p"`` names a record of the same list.
    """
    said = Said(same_as, different, let_staff_look)
    with officer.kit() as kit:
        if source is not None:
            given = _read(source)
            steps = given if isinstance(given, list) else [{"type": record_type, "data": given}]
            saved, decided = _save_all(kit, officer, steps, assignments, said)
        elif record_type is None:
            raise click.UsageError("TYPE or --input is needed")
        else:
            saved, decided = _new(kit, officer, record_type, assignments, said)
        _report(kit, officer, saved, decided)


def _new(
    kit: FieldKit, officer: Officer, record_type: str, assignments: tuple[str, ...], said: Said
) -> tuple[Saved, list[Decided]]:
    said.check(record_type == PERSON)
    typing = Typing(kit, type_named(record_type), officer.language)
    values = typing.fields(assignments, {})
    asks = officer.interactive and not assignments
    if asks:
        values |= ask(typing, given=values)
    decided = [new_person.decide(kit, officer, values, said)] if record_type == PERSON else []
    while True:
        try:
            with kit.save() as save:
                _add(kit, save, record_type, values, decided)
            return save.saved, decided
        except Invalid as wrong:
            if not asks:
                raise
            click.echo("\n".join(error_lines(wrong, officer.language)), err=True)
            values |= ask(typing, names=[name for errors in wrong.errors.values() for name in errors])


def _add(kit: FieldKit, save: Save, record_type: str, values: Mapping[str, Any], decided: list[Decided]) -> str:
    """Add a record to a Save; of a person, what was decided last."""
    return decided[-1].put(kit, save, values) if record_type == PERSON else save.create(record_type, values)


def _save_all(
    kit: FieldKit, officer: Officer, steps: list[Any], assignments: tuple[str, ...], said: Said
) -> tuple[Saved, list[Decided]]:
    said.check(sum(isinstance(step, dict) and step.get("type") == PERSON for step in steps))
    names: dict[str, str] = {}
    decided: list[Decided] = []
    with kit.save() as save:
        for step in steps:
            if not isinstance(step, dict) or not isinstance(step.get("data"), dict) or not step.get("type"):
                raise BadInput('each entry needs "type" and "data"')
            typing = Typing(kit, type_named(str(step["type"])), officer.language, names)
            data = {**_named(step["data"], names), **typing.fields(assignments, {})}
            if step["type"] == PERSON:
                decided.append(new_person.decide(kit, officer, data, said))
            record = _add(kit, save, str(step["type"]), data, decided)
            if step.get("as"):
                names[f"@{step['as']}"] = record
    return save.saved, decided


def _named(data: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Put ids where ``@name`` stands."""
    return {
        name: [names.get(str(each), each) for each in value]
        if isinstance(value, list)
        else names.get(str(value), value)
        for name, value in data.items()
    }


@click.command()
@click.argument("record")
@click.argument("assignments", metavar="[NAME=VALUE]...", nargs=-1)
@INPUT
@for_officer
def edit(officer: Officer, record: str, assignments: tuple[str, ...], source: TextIO | None) -> None:
    """แก้ไขเรื่อง · Change fields of a record: ``name=`` empties one, ``problems+=violence`` adds, ``-=`` takes away.

    RECORD is a reference number, an id, or the last six or more characters of one.
    """
    with officer.kit() as kit:
        found = find(kit.database, record)
        values = _read(source) if source is not None else {}
        if not isinstance(values, dict):
            raise BadInput("an object of values is needed")
        shown = kit.get(found)
        kind = type_named(shown.type if shown else _type_in_log(kit, found))
        typing = Typing(kit, kind, officer.language)
        values |= typing.fields(assignments, shown.data if shown else {})
        if officer.interactive and not values:
            values = ask(typing)
        _report(kit, officer, kit.update(found, values))


def _type_in_log(kit: FieldKit, record: str) -> str:
    """Return the type of a record that is only in the log: a new one that the centre refused."""
    logged = [entry.mutation.type for entry in kit.outbox(everything=True) if entry.mutation.record == record]
    if not logged:
        raise UnknownRecord(record=record)
    return logged[0]


@click.command()
@click.argument("record")
@for_officer
def delete(officer: Officer, record: str) -> None:
    """ลบเรื่อง · Delete a record."""
    with officer.kit() as kit:
        saved = kit.delete(find(kit.database, record))
    officer.say("kit.deleted")
    officer.emit(_saved_data(saved))


@click.command()
@click.argument("record")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("assignments", metavar="[NAME=VALUE]...", nargs=-1)
@for_officer
def attach(officer: Officer, record: str, path: Path, assignments: tuple[str, ...]) -> None:
    """แนบรูปหรือไฟล์ · Attach a photo or file: ``field-kit attach 4WHX-6416-6RH3Y house.jpg kind=house``."""
    with officer.kit() as kit:
        fields = Typing(kit, type_named("attachment"), officer.language).fields(assignments, {})
        saved = kit.attach(find(kit.database, record), path, **fields)
        _report(kit, officer, saved)


# --- around


def _read(source: TextIO) -> Any:
    try:
        return json.load(source)
    except ValueError as wrong:
        raise BadInput(str(wrong)) from wrong


def _saved_data(saved: Saved) -> dict[str, Any]:
    return {"records": saved.records, "mutations": saved.mutations, "warnings": saved.warnings}


def _report(kit: FieldKit, officer: Officer, saved: Saved, decided: Sequence[Decided] = ()) -> None:
    """Say what was saved, what to look at again, and what nobody has received yet."""
    officer.emit(_saved_data(saved) | ({"people": [each.as_json() for each in decided]} if decided else {}))
    if officer.json:
        return
    new_person.report(kit, officer, decided)
    if not saved.mutations:
        officer.say("kit.unchanged")
        return
    for record in saved.records:
        shown = kit.get(record)
        if shown is None:
            continue
        officer.say("kit.saved_as", label=type_label(shown.type, officer.language), short=short(record))
        if number := shown.data.get("reference_number"):
            officer.say("kit.reference_number", number=number)
        if is_national_id(str(shown.data.get("id_number", ""))):
            officer.say("kit.read_back", number=read_back_national_id(shown.data["id_number"]))
        if shown.type in URGENT_TYPES:
            click.secho(officer.text("screen.emergency_unsent"), fg="red", bold=True)
        if dangers := shown.data.get(DANGERS):
            click.secho(f"{label_of(DANGERS, officer.language)}: {dangers}", fg="red")
    _warn(officer, saved)
    officer.say("screen.saved_on_device")


def _warn(officer: Officer, saved: Saved) -> None:
    for errors in saved.warnings.values():
        for name, problems in errors.items():
            for problem in problems:
                said = problem_text(problem, officer.language)
                click.secho(f"{officer.text('kit.warning')}: {label_of(name, officer.language)}: {said}", fg="yellow")
