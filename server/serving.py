"""How gunicorn serves the centre: ``gunicorn --config python:server.serving wsgi:app``."""

import gc
from typing import Any

worker_class = "gthread"
workers = 1
"""A second worker gains nothing on SQLite, whose writers take turns; with PostgreSQL raise it with ``--workers``."""

threads = 8

control_socket_disable = True
"""Its usual place is one file in the home folder, over which two centres of one user would collide."""

GARBAGE_THRESHOLDS = (200_000, 20, 50)
"""A push or a page makes tens of thousands of small objects without a cycle among them. At Python's usual thresholds
the collector walks them over and over: 15 % of a push, 40 % of a page (measured with ``make bench``)."""


def post_worker_init(worker: Any) -> None:
    """Leave what was imported out of every later collection, and collect less often."""
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
