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
    merges,
    records,
    reports,
    sync,
    tokens,
    unfinished,
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
    merges.blp,
    conflicts.blp,
    unfinished.blp,
    areas.blp,
    declarations.blp,
    docs.blp,
    reports.blp,
    front.blp,
)
