"""``husec enrol``."""

import sys
from datetime import datetime, timedelta

import click
import segno

from schemas.thai import BANGKOK, thai_date
from server.auth import enrolment, people
from server.cli.saying import ready, refuse, say
from server.models.engine import writing
from sync.errors import ProtocolError


@click.command()
@click.argument("username")
@click.option("--quiet", "-q", is_flag=True, help="พิมพ์เฉพาะรหัส · print the code alone")
def enrol(username: str, *, quiet: bool) -> None:
    """สร้างรหัสลงทะเบียนเครื่อง · Make a one-use code for a person's device."""
    centre = ready()
    lasts = timedelta(hours=centre.settings.enrolment_hours)
    try:
        with writing(centre.engine) as connection:
            person = people.find_by_name(connection, username)
            made = enrolment.create(connection, centre.keys.code_secret, person.id, lasts=lasts, now=centre.now())
    except ProtocolError as refusal:
        refuse(refusal)
    if quiet:
        click.echo(made.code)
        return
    address = enrolment.address(centre.settings.public_url, made.code)
    say(f"รหัสลงทะเบียนของ {person.display_name}", f"enrolment code for {person.username}")
    click.secho(f"\n    {made.code}\n", bold=True)
    if sys.stdout.isatty():
        segno.make(address, error="m").terminal(compact=True)
    click.echo(address)
    until = datetime.fromisoformat(made.expires_at).astimezone(BANGKOK)
    say(
        f"ใช้ได้เครื่องเดียว ถึง {thai_date(until.date())} {until:%H:%M} น.",
        f"one device, until {until:%Y-%m-%d %H:%M} in Thailand",
    )
