"""Before a new person is saved: who may be the same, and what the officer says of it. Saving is never blocked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from field_kit.cli.display import Display, field_label
from field_kit.cli.officer import Officer
from field_kit.errors import BadInput
from field_kit.finding import find, short
from field_kit.kit import FieldKit
from field_kit.likely import PERSON, Likely
from field_kit.saving import Save
from schemas.base import Merge
from schemas.messages import text as common_text
from schemas.records import RECORD_TYPES
from sync.buckets import classes_seen
from sync.units import units

Command = Callable[..., None]
Data = Mapping[str, Any]

SAME, DIFFERENT, LOOK, UNASKED = "same", "different", "let_staff_look", "unasked"
SHOWN_MAX = 5

OPTIONS = (
    click.option("--same-as", metavar="RECORD", help="คนเดียวกับที่มีอยู่แล้ว · the same person as one who is here"),
    click.option("--different", is_flag=True, help="คนละคนกับที่มีอยู่แล้ว · nobody who is here already"),
    click.option("--let-staff-look", is_flag=True, help="ไม่แน่ใจ ให้เจ้าหน้าที่ดู · not sure, let staff look"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the options of the command say; nothing where the officer is to be asked."""

    same_as: str | None = None
    different: bool = False
    let_staff_look: bool = False

    def check(self, people: int) -> None:
        """Refuse options that contradict one another or mean nobody.

        :raises UsageError: before anything is saved.
        """
        given = sum(map(bool, (self.same_as, self.different, self.let_staff_look)))
        if given > 1:
            raise click.UsageError("--same-as, --different and --let-staff-look exclude each other")
        if given and not people:
            raise click.UsageError("--same-as, --different and --let-staff-look are about a new person")
        if self.same_as and people > 1:
            raise click.UsageError("--same-as is about one new person")


@dataclass
class Decided:
    """What becomes of one new person. ``person``: who it is instead. ``kept``: answers that were not taken over."""

    answer: str
    likely: Sequence[Likely] = ()
    person: str | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    saved_as: str = ""

    def put(self, kit: FieldKit, save: Save, values: Data) -> str:
        """Add the person to a Save, or what is new about the one they are; return their id."""
        if self.person:
            fill, self.kept = _filled(kit, self.person, values)
            save.update(self.person, fill)
            self.saved_as = self.person
        else:
            asked = {"maybe_same_as": sorted(each.record.id for each in self.likely)} if self.answer == LOOK else {}
            self.saved_as = save.create(PERSON, {**values, **asked})
        return self.saved_as

    def as_json(self) -> dict[str, Any]:
        """Return it as data."""
        found = [{"record": each.record.id, "score": each.score, "reasons": each.reasons} for each in self.likely]
        return {"record": self.saved_as, "answer": self.answer, "likely": found, "kept": sorted(self.kept)}


def with_options(command: Command) -> Command:
    """Give a command the options about likely duplicates."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def decide(kit: FieldKit, officer: Officer, values: Data, said: Said) -> Decided:
    """Find who may be the same, and learn from the options or the officer whether they are."""
    if said.same_as:
        return Decided(SAME, (), _person_named(kit, said.same_as))
    likely = kit.likely(PERSON, values)[:SHOWN_MAX]
    if said.different or not likely:
        return Decided(DIFFERENT if said.different else UNASKED, likely)
    if said.let_staff_look:
        return Decided(LOOK, likely)
    if not officer.interactive:
        return Decided(UNASKED, likely)
    officer.print(_choices(kit, officer, likely))
    return _asked(officer, likely)


def _person_named(kit: FieldKit, said: str) -> str:
    record = find(kit.database, said)
    shown = kit.get(record)
    if shown is None or shown.type != PERSON:
        raise BadInput("--same-as names a person on this device")
    return record


def _choices(kit: FieldKit, officer: Officer, likely: Sequence[Likely]) -> Iterator[str]:
    yield from officer.lines(officer.text("screen.duplicate"), fg="yellow")
    display = Display(kit, officer.language)
    for number, each in enumerate(likely, start=1):
        reasons = " · ".join(common_text(f"likeness.{code}", officer.language) for code in each.reasons)
        yield f"  {number}  {short(each.record.id)}  {display.summary(each.record)}"
        yield f"       {reasons}"


def _asked(officer: Officer, likely: Sequence[Likely]) -> Decided:
    """Ask; whoever just presses Enter is not sure."""
    answers = {"1": SAME, "2": DIFFERENT, "3": LOOK}
    typed = click.prompt(officer.text("kit.likely.prompt"), type=click.Choice(list(answers)), default="3")
    answer = answers[typed]
    if answer != SAME:
        return Decided(answer, likely)
    which = 1
    if len(likely) > 1:
        which = click.prompt(officer.text("kit.likely.which"), type=click.IntRange(1, len(likely)), default=1)
    return Decided(SAME, likely, likely[which - 1].record.id)


def _filled(kit: FieldKit, person: str, values: Data) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is new about somebody, and what was typed that differs from what is here, which stays as it is."""
    kind, shown = RECORD_TYPES[PERSON], kit.get(person)
    here: Data = shown.data if shown else {}
    typed, errors = kind.load_values({name: value for name, value in values.items() if value is not None})
    fill: dict[str, Any] = {name: values[name] for name in errors}  # refused below, as any edit is
    kept: dict[str, Any] = {}
    hidden = _hidden(kit, person)
    for names in units(kind, list(typed)).values():
        given = {name: typed[name] for name in names if name in typed}
        if hidden.intersection(names):
            kept |= given
        elif all(here.get(name) is None for name in names):
            fill |= given
        elif all(kind.fields[name].merge is Merge.SET for name in names):
            fill |= {name: sorted({*here[name], *value}) for name, value in given.items()}
        else:
            kept |= {name: value for name, value in given.items() if here.get(name) != value}
    return fill, kept


def _hidden(kit: FieldKit, person: str) -> frozenset[str]:
    """Return the fields that no bucket of this device carries: nobody edits over what they cannot see."""
    rows = kit.database.rows("SELECT bucket FROM membership WHERE record = ?", (person,))
    classes = classes_seen([bucket for (bucket,) in rows])
    return frozenset(spec.name for spec in RECORD_TYPES[PERSON].fields.values() if rows and spec.privacy not in classes)


def report(kit: FieldKit, officer: Officer, decided: Sequence[Decided]) -> None:
    """Say what became of each new person who may have been here already."""
    for each in decided:
        if each.answer == SAME:
            shown = kit.get(each.saved_as)
            officer.say("kit.likely.used", about=Display(kit, officer.language).summary(shown) if shown else "")
            for name, value in each.kept.items():
                label = field_label(PERSON, name, officer.language)
                officer.say("kit.likely.kept", field=label, value=value, record=short(each.saved_as))
        elif each.answer == LOOK:
            officer.say("kit.likely.look")
        elif each.answer == UNASKED and each.likely:
            if not officer.json:
                officer.print(_choices(kit, officer, each.likely))
            other = short(each.likely[0].record.id)
            officer.say("kit.likely.saved_new", record=short(each.saved_as), other=other)
