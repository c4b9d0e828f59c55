"""A real centre behind the doors, and what must be true of whatever it answers."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

import server.errors  # noqa: F401  # every kind of refusal is known once it is loaded
from server.audit import verify_ledger
from server.jobs.verify_checksums import wrong_buckets
from server.models import metadata
from server.models.engine import reading
from server.models.sync_tables import clock
from sync.errors import ProtocolError
from tests.server.centre import TestCentre, open_test_centre

WRITTEN_ANYWAY = frozenset({"access_log", "access_log_record", "device", "token", "job_lease", "reading_log"})
"""What a refused request may leave: who asked, and when."""

GENEROUS = {"delivery_attempts": "1000000 per minute", "key_recovery_attempts": "1000000 per minute"}
THAI = re.compile("[\u0e01-\u0e5b]")


def codes() -> frozenset[str]:
    """Return every code that a refusal may carry."""
    found, kinds = set[str](), [ProtocolError]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if hasattr(kind, "code"):
            found.add(kind.code)
    return frozenset(found)


CODES = codes()


class Faults(logging.Handler):
    """Keeps what the centre logs of its own faults: a problem body does not say where they happened."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the last one."""
        self.last = record.getMessage()


@dataclass
class AskedCentre:
    """A centre with everything that the doors look at."""

    test: TestCentre
    faults: Faults
    asked: int = 0

    def language(self) -> str:
        """Ask in Thai and English in turn."""
        self.asked += 1
        return "th" if self.asked % 2 else "en"

    def stands(self) -> dict[str, int]:
        """Return how much of everything there is, and the last commit."""
        with reading(self.test.centre.engine) as connection:
            return _counted(connection)

    def judge(self, response: Any, language: str, before: dict[str, int]) -> bool:
        """Hold an answer against the promises; tell whether it was a good one."""
        assert response.status_code < 500, f"{response.status_code}: {self.faults.last}"
        if response.status_code < 400:
            return True
        check_problem(response, language)
        assert self.stands() == before, f"{response.json['code']} wrote something"
        return False

    def check_whole(self) -> None:
        """Hold the ledger's chain and every bucket's checksum against the data."""
        with reading(self.test.centre.engine) as connection:
            assert verify_ledger(connection).broken is None
            assert list(wrong_buckets(connection)) == []


def check_problem(response: Any, language: str) -> None:
    """Hold a refusal against RFC 9457, the table of codes, and the language asked for."""
    assert response.content_type == "application/problem+json", response.content_type
    body = msgspec.json.decode(response.data)
    assert body["code"] in CODES, body
    assert body["status"] == response.status_code, body
    for part in ("title", "detail"):
        assert body[part], body
        assert bool(THAI.search(body[part])) == (language == "th"), body
    for problems in body.get("errors", {}).values():
        assert all(each["code"] and each["message"] for each in problems), body


@contextmanager
def asked_centre(folder: Path, url: str) -> Iterator[AskedCentre]:
    """Open a centre on a migrated, empty database; at the end its ledger and its checksums must be right."""
    opened = AskedCentre(open_test_centre(url, folder, **GENEROUS), Faults())
    log = logging.getLogger("husec")
    level, handlers, log.handlers = log.level, log.handlers, [opened.faults]
    log.setLevel(logging.ERROR)
    try:
        yield opened
        opened.check_whole()
    finally:
        log.handlers = handlers
        log.setLevel(level)
        opened.test.centre.engine.dispose()


def _counted(connection: Connection) -> dict[str, int]:
    tables = [table for name, table in metadata.tables.items() if name not in WRITTEN_ANYWAY]
    counts = select(*(select(func.count()).select_from(each).scalar_subquery().label(each.name) for each in tables))
    return dict(connection.execute(counts).one()._mapping) | {
        "last commit": connection.execute(select(clock.c.value)).scalar_one()
    }
