"""What the centre does by itself: one file per job, each with its line here.

A job is ``run(centre, now)`` and says in one line what it did. It may be repeated, and may be cut off anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.centre import Centre
from server.jobs import close_witnesses, expire_uploads, flag_silent_devices, keep_safe, prune_tokens, verify_checksums


@dataclass(frozen=True, slots=True)
class Job:
    """One job and how often it runs, over all processes together."""

    name: str
    run: Callable[[Centre, datetime], str]
    every: timedelta


JOBS: tuple[Job, ...] = (
    Job("close_witnesses", close_witnesses.run, every=timedelta(minutes=15)),
    Job("expire_uploads", expire_uploads.run, every=timedelta(minutes=15)),
    Job("flag_silent_devices", flag_silent_devices.run, every=timedelta(hours=1)),
    Job("keep_safe", keep_safe.run, every=timedelta(days=1)),
    Job("prune_tokens", prune_tokens.run, every=timedelta(days=1)),
    Job("verify_checksums", verify_checksums.run, every=timedelta(days=1)),
)
