"""What the centre tells its operators: JSON log lines and counts. No name, number, query or body is in either."""

import json
import logging
import sys
from datetime import UTC, datetime
from time import perf_counter

from flask import Flask, Response, g, request

from server.centre import EXTENSION
from server.metrics import REQUESTS
from sync.instants import rfc3339

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}

API_HEADERS = SECURITY_HEADERS | {"Cache-Control": "no-store"}

LOG = logging.getLogger("husec")


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = rfc3339(datetime.fromtimestamp(record.created, UTC))
        line = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        return json.dumps(line | getattr(record, "facts", {}), ensure_ascii=False)


def install(app: Flask) -> None:
    """Log, count and harden every answer of the application."""
    _set_up_logging(app.extensions[EXTENSION].settings.log_level)
    app.before_request(_start)
    app.after_request(_finish)


def _set_up_logging(level: str) -> None:
    LOG.setLevel(level)
    if not LOG.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        LOG.addHandler(handler)
        LOG.propagate = False


def _start() -> None:
    g.started = perf_counter()


def _finish(response: Response) -> Response:
    # The route's pattern, never its address: an address may hold an id, a name or what somebody searched for.
    route = request.url_rule.rule if request.url_rule else "(none)"
    seconds = perf_counter() - g.get("started", perf_counter())
    REQUESTS.labels(request.method, route, response.status_code).observe(seconds)
    facts = {"method": request.method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1)}
    LOG.info("request", extra={"facts": facts})
    said = {name.lower() for name, _ in response.headers}
    wanted = API_HEADERS if request.path.startswith("/api/") else SECURITY_HEADERS
    response.headers.extend({name: value for name, value in wanted.items() if name.lower() not in said})
    return response
