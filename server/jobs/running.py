"""Run jobs in the background of every process, each job by one process at a time.

APScheduler alone would run a job once in every process. A row of ``job_lease`` says who may: whoever takes it runs the
job and keeps the others off for most of an interval; when a process dies, another takes over an interval later.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from server.centre import Centre
from server.ids import new_id
from server.jobs import JOBS, Job
from server.metrics import JOB_RUNS
from server.models.engine import writing
from server.models.lease import job_lease
from sync.instants import rfc3339

LOG = logging.getLogger("husec")

LEASE_SHARE = 0.9
"""A lease ends a little before the next turn, so that clocks need not agree to the second."""

JITTER_SHARE = 0.05


def start(centre: Centre, jobs: Iterable[Job] = JOBS) -> BackgroundScheduler:
    """Run jobs in the background of this process until the scheduler is shut down or the process ends."""
    scheduler = BackgroundScheduler(timezone=UTC, daemon=True)
    holder = new_id()
    for job in jobs:
        seconds = job.every.total_seconds()
        trigger = IntervalTrigger(seconds=seconds, jitter=seconds * JITTER_SHARE, timezone=UTC)
        scheduler.add_job(take_turn, trigger, (centre, job, holder), id=job.name, coalesce=True, max_instances=1)
    scheduler.start()
    return scheduler


def take_turn(centre: Centre, job: Job, holder: str) -> bool:
    """Run a job if no other process has it; say whether it ran. A fault is logged and never spreads."""
    now = centre.now()
    try:
        with writing(centre.engine) as connection:
            if not lease(connection, job, holder, now):
                return False
        did = job.run(centre, now)
    except Exception as fault:
        # without its message, which may quote somebody's data
        LOG.error("job failed", extra={"facts": {"job": job.name, "fault": type(fault).__name__}})
        JOB_RUNS.labels(job.name, "failed").inc()
        return False
    LOG.info("job ran", extra={"facts": {"job": job.name, "did": did}})
    JOB_RUNS.labels(job.name, "ran").inc()
    return True


def lease(connection: Connection, job: Job, holder: str, now: datetime) -> bool:
    """Take a job for most of its interval, unless another holder has it; say whether it is ours."""
    until = rfc3339(now + job.every * LEASE_SHARE)
    insert_here = insert_postgres if connection.dialect.name == "postgresql" else insert_sqlite
    wanted = insert_here(job_lease).values(name=job.name, holder=holder, until=until)
    taken = wanted.on_conflict_do_update(
        index_elements=[job_lease.c.name],
        set_={"holder": holder, "until": until},
        where=job_lease.c.until <= rfc3339(now),
    ).returning(job_lease.c.holder)
    return connection.execute(taken).first() is not None
