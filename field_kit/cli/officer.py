"""What every command shares: whose device, which language, text or JSON, and how the file is opened."""

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec
from rich.console import Console

from field_kit.cli import exits
from field_kit.cli.display import Display, type_label
from field_kit.cli.layout import wrapped
from field_kit.errors import AmbiguousRecord, KitError, Locked, NoTerminal
from field_kit.home import HOME, find_database, holds_somebody, key_path
from field_kit.keyfile import read_key
from field_kit.keyring import keeper_for, unlocked_key
from field_kit.kit import WORLD, FieldKit, resume_wipe
from field_kit.messages import LANGUAGES, text
from field_kit.wiping import orders_in
from sync.errors import ProtocolError

Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Officer:
    """Who runs a command, and how they want to be answered."""

    home: Path
    user: str | None
    passphrase_file: Path | None
    language: str
    json: bool

    def say(self, key: str, **parameters: Any) -> None:
        """Print a text of the catalogue, unless JSON was asked for."""
        if not self.json:
            click.echo(text(key, self.language, **parameters))

    def text(self, key: str, **parameters: Any) -> str:
        """Return a text of the catalogue."""
        return text(key, self.language, **parameters)

    def emit(self, value: Any) -> None:
        """Print a value as JSON, when JSON was asked for."""
        if self.json:
            click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())

    def print(self, lines: Iterable[str]) -> None:
        """Print lines."""
        for line in lines:
            click.echo(line)

    def lines(self, said: str, **style: Any) -> Iterator[str]:
        """Yield a text in lines that fit, styled."""
        return (click.style(line, **style) for line in wrapped(said, self.width))

    @property
    def width(self) -> int:
        """How many columns the terminal has."""
        return self.console.width

    @property
    def console(self) -> Console:
        """Where tables go."""
        return Console(file=sys.stdout, soft_wrap=False, highlight=False, markup=False)

    @property
    def interactive(self) -> bool:
        """Whether somebody is there to answer."""
        return not self.json and sys.stdin.isatty() and sys.stdout.isatty()

    def passphrase(self, prompt: str = "kit.prompt.passphrase", *, confirm: bool = False, **parameters: Any) -> str:
        """Return the passphrase, from its file or from whoever sits there.

        :raises Locked: when there is neither.
        :raises NoTerminal: when there is neither and a new passphrase is to be chosen.
        """
        if self.passphrase_file:
            return self.passphrase_file.read_text("utf-8").rstrip("\r\n")
        if not sys.stdin.isatty():
            raise NoTerminal if confirm else Locked
        again = self.text("kit.prompt.again") if confirm else False
        return str(click.prompt(self.text(prompt, **parameters), hide_input=True, confirmation_prompt=again, err=True))

    @contextmanager
    def kit(self) -> Iterator[FieldKit]:
        """Open the device: with the passphrase file, as unlocked before, or by asking.

        :raises DeviceWiped: instead, where it was cancelled as lost: whatever the command, the wipe is ended first.
        """
        self.end_wipes()
        path = find_database(self.home, self.user)
        key = None if self.passphrase_file else unlocked_key(keeper_for(path), WORLD.now())
        if key is None:
            key = read_key(key_path(path), self.passphrase())
        with FieldKit.open_with_key(path, key, language=self.language) as kit:
            if kit.identity.cancelled == "lost":
                raise kit.obey("lost")
            try:
                yield kit
            except AmbiguousRecord as several:
                several.facts = {**several.facts, "choices": list(self._choices(kit, several.facts["records"]))}
                raise

    def end_wipes(self) -> None:
        """Go on with a wipe that was cut off, or of which the centre has yet to hear.

        :raises DeviceWiped: when nobody else's file is here.
        """
        for order in orders_in(self.home, self.user):
            done = resume_wipe(order, self.language)
            if not holds_somebody(self.home):
                raise done

    def _choices(self, kit: FieldKit, records: list[str]) -> Iterator[str]:
        """Yield a line for each record that may have been meant."""
        display = Display(kit, self.language)
        for record in records:
            found = kit.get(record)
            about = f"{type_label(found.type, self.language)}  {display.summary(found)}" if found else ""
            yield f"{record}  {about}".rstrip()

    def fail(self, error: KitError | ProtocolError) -> NoReturn:
        """Say what happened and end with the exit code that means it."""
        if self.json:
            self.emit(exits.as_json(error, self.language))
        else:
            first, *more = exits.error_lines(error, self.language)
            click.secho(f"✗ {first}", fg="red", err=True)
            for line in more:
                click.echo(line, err=True)
        raise SystemExit(exits.exit_code(error))


def default_home() -> Path:
    """Return where the device's files lie unless said otherwise."""
    return Path(os.environ.get(HOME) or click.get_app_dir("field-kit"))


def default_language() -> str:
    """Return Thai, unless the system speaks English."""
    said = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "en" if said.startswith("en") else "th"


OPTIONS = (
    click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="โฟลเดอร์ข้อมูล · folder of the device"),
    click.option("--user", help="ผู้ใช้ เมื่อมีหลายคน · user id, when several share the device"),
    click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        envvar="FIELD_KIT_PASSPHRASE_FILE",
        help="ไฟล์ที่เก็บรหัสผ่าน · file that holds the passphrase",
    ),
    click.option("--lang", type=click.Choice(LANGUAGES), help="ภาษา · language of answers"),
    click.option("--json", "as_json", is_flag=True, help="ตอบเป็น JSON · answer as JSON"),
)


def for_officer(command: Command) -> Command:
    """Give a command the shared options and an ``Officer``; end errors with their text and exit code."""

    @functools.wraps(command)
    def run(
        home: Path | None,
        user: str | None,
        passphrase_file: Path | None,
        lang: str | None,
        as_json: bool,  # noqa: FBT001  # click passes options by name
        **given: Any,
    ) -> None:
        officer = Officer(home or default_home(), user, passphrase_file, lang or default_language(), as_json)
        try:
            command(officer, **given)
        except (KitError, ProtocolError) as error:
            officer.fail(error)

    for option in reversed(OPTIONS):
        run = option(run)
    return run
