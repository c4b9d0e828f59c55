"""Flag devices that have not been in contact for long: their figures are missing from every report."""

from datetime import datetime, timedelta

from server.auth import devices
from server.centre import Centre
from server.models.engine import writing


def run(centre: Centre, now: datetime) -> str:
    """Flag those that became silent since the last run."""
    since = now - timedelta(days=centre.settings.silent_days)
    with writing(centre.engine) as connection:
        return f"{devices.flag_silent(connection, since, now)} devices became silent"
