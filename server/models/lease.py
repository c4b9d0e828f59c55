"""Who runs a job now: one row per job, so that one process runs it however many there are."""

from sqlalchemy import Column, String, Table

from server.models.base import metadata
from server.models.identity import ID, INSTANT

job_lease = Table(
    "job_lease",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("holder", ID, nullable=False),
    Column("until", INSTANT, nullable=False),
)
"""The holder alone may run the job until then; afterwards whoever takes the lease first."""
