"""The floor under every push: a thin Flask route that puts the same rows into SQLite and checks nothing.

Served like the centre, durable like the centre; what the centre does beyond it is the price of the protocol.
"""

import gzip
import json
import os
import sqlite3
from typing import Any

from flask import Flask, request

FIELDS = (
    "case", "visited_on", "kind", "people_met", "narrative", "hardship", "latitude", "longitude", "accuracy_m",
    "operation", "duration_minutes", "next_visit_on",
)  # fmt: skip
INSERT = f"INSERT INTO visit VALUES ({', '.join('?' * (len(FIELDS) + 1))})"


def create_app() -> Flask:
    """Return the application, on the file that ``RAW_FLOOR_DATABASE`` names."""
    app = Flask(__name__)
    database = sqlite3.connect(os.environ["RAW_FLOOR_DATABASE"], check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    columns = ", ".join(f'"{name}"' for name in FIELDS)
    database.execute(f"CREATE TABLE visit (id TEXT PRIMARY KEY, {columns})")

    @app.get("/api/v1/ready")
    def ready() -> str:
        return "ready"

    @app.post("/push")
    def push() -> dict[str, Any]:
        groups = json.loads(gzip.decompress(request.get_data()))["groups"]
        rows = [row_of(mutation) for group in groups for mutation in group]
        with database:
            database.executemany(INSERT, rows)
        return {"inserted": len(rows)}

    return app


def row_of(mutation: dict[str, Any]) -> list[Any]:
    """Return a mutation as a row."""
    data = mutation["data"]
    values = (data[name] for name in FIELDS)
    return [mutation["record"], *(json.dumps(value) if isinstance(value, list) else value for value in values)]
