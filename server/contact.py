"""What a device says of itself with every exchange: version, clock, what waits on it; and its token lives on."""

import logging
from datetime import datetime, timedelta

from flask import Request
from sqlalchemy.exc import OperationalError

from server.auth import devices, tokens
from server.auth.viewer import Viewer
from server.centre import Centre
from server.models.engine import writing
from sync.instants import parsed, rfc3339

LOG = logging.getLogger("husec")

CLOCK_SHIFT_MS = 60_000
"""A clock offset is written anew when it changed by this much."""

RENEW_AFTER = timedelta(days=1)


def note_contact(centre: Centre, viewer: Viewer, request: Request, now: datetime, sent_at: str | None = None) -> None:
    """Write down a device's contact, at most once a minute unless something changed: an idle pull costs no write.

    What the device asked for is done by now, so a store too busy to note it costs the note and not the answer.
    """
    if viewer.device is None or viewer.contact is None:
        return
    version = client_version(request)
    offset_ms = _clock_offset_ms(sent_at, now)
    before = viewer.contact
    due = rfc3339(now - devices.CONTACT_EVERY) >= before.at
    shifted = offset_ms is not None and abs(offset_ms - (before.clock_offset_ms or 0)) >= CLOCK_SHIFT_MS
    if not (due or shifted or (version and version != before.client_version)):
        return
    lifetime = timedelta(days=centre.settings.device_token_days)
    unsent = _count(request.headers.get("X-Unsent"))
    try:
        with writing(centre.engine) as connection:
            devices.contact(
                connection,
                viewer.device,
                now,
                client_version=version,
                clock_offset_ms=offset_ms,
                unsent_reported=unsent,
            )
            if viewer.expires_at < rfc3339(now + lifetime - RENEW_AFTER):
                tokens.renew(connection, viewer.token, now + lifetime)
    except OperationalError:
        LOG.warning("a contact was not noted: the store is busy")


def client_version(request: Request) -> str | None:
    """Return what the client says it is."""
    said = request.headers.get("X-Client-Version") or request.headers.get("User-Agent")
    return said[:60] if said else None


def _clock_offset_ms(sent_at: str | None, now: datetime) -> int | None:
    """Return the device's clock minus the centre's; the time on the way is in it."""
    sent = parsed(sent_at) if sent_at else None
    return round((sent - now).total_seconds() * 1000) if sent else None


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else None
