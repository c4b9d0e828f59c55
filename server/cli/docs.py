"""``husec docs``: the pages of docs/ that are printed from the program, so that they never drift."""

from pathlib import Path

import click

from server import printed_docs


@click.group()
def docs() -> None:
    """เอกสารที่พิมพ์จากโปรแกรม · Pages printed from the program."""


@docs.command()
def permissions() -> None:
    """พิมพ์ตารางสิทธิ์ · Print the permission table."""
    click.echo(printed_docs.permissions(), nl=False)


@docs.command()
def settings() -> None:
    """พิมพ์ค่าตั้ง · Print the settings."""
    click.echo(printed_docs.settings(), nl=False)


@docs.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path("docs"))
def write(directory: Path) -> None:
    """เขียนทุกหน้าลงโฟลเดอร์ · Write every printed page into a folder."""
    for name, text in printed_docs.pages().items():
        (directory / name).write_text(text, "utf-8")
        click.echo(directory / name)
