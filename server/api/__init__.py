"""The HTTP API: one file per resource, each with its line here."""

from server.api import devices, enrolments, health, reports, sync, tokens, users
from server.resource import Resource

BLUEPRINTS: tuple[Resource, ...] = (
    health.blp,
    tokens.blp,
    users.blp,
    enrolments.blp,
    devices.blp,
    sync.blp,
    reports.blp,
)
