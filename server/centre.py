"""What a running centre is made of, opened once per process and shared by web requests, jobs and commands."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Engine

from schemas.records import RECORD_TYPES
from server.blobs import Blobs
from server.clock import Clock, now
from server.config import DATABASE_FILE, Settings
from server.derivations import DERIVATIONS
from server.keys import CentreKeys, open_keys
from server.models.engine import make_engine
from server.register import Register
from server.reports.layout import Layout
from server.reports.layout_file import layout_from
from server.store import Store

EXTENSION = "husec"


@dataclass(frozen=True, slots=True)
class Centre:
    """The parts. ``now`` is the only clock."""

    settings: Settings
    engine: Engine
    keys: CentreKeys
    store: Store
    blobs: Blobs
    register: Register
    now: Clock
    layout: Layout


def open_centre(settings: Settings, *, clock: Clock = now) -> Centre:
    """Open the data directory and the database; nothing is migrated here.

    :raises BadSetting: for a layout of reports that cannot be.
    """
    layout = layout_from(settings.report_layout_file) if settings.report_layout_file else Layout()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.database_url:
        (settings.data_dir / DATABASE_FILE).touch(mode=0o600)
    engine = make_engine(settings.store_url, key=settings.database_key)
    keys = open_keys(settings.data_dir)
    return Centre(
        settings=settings,
        engine=engine,
        keys=keys,
        store=Store(engine, RECORD_TYPES, DERIVATIONS, keys.open_mutation),
        blobs=Blobs(settings.data_dir),
        register=Register(settings.register_path),
        now=clock,
        layout=layout,
    )


def current_centre() -> Centre:
    """Return the centre of the application that is handling this request."""
    centre = current_app.extensions[EXTENSION]
    assert isinstance(centre, Centre)
    return centre
