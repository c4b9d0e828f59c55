"""The HTTP API: one file per resource, each with its line here."""

from server.api import (
    areas,
    attachments,
    conflicts,
    declarations,
    devices,
    docs,
    enrolments,
    front,
    health,
    ledger,
    records,
    reports,
    sync,
    tokens,
    uploads,
    users,
)
from server.resource import Resource

BLUEPRINTS: tuple[Resource, ...] = (
    health.blp,
    tokens.blp,
    users.blp,
    enrolments.blp,
    devices.blp,
    sync.blp,
    uploads.blp,
    attachments.blp,
    records.blp,
    conflicts.blp,
    ledger.blp,
    areas.blp,
    declarations.blp,
    docs.blp,
    reports.blp,
    front.blp,
)
