"""The story from end to end: an empty centre, two days in the field, the way back, the third day, and the verdict."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.thai import bangkok_date
from server.clock import now
from server.demo import acts, centre, saying
from server.demo.centre import Premises, Roll
from server.demo.desk import StaffDesk
from server.demo.fleet import fleet
from server.demo.handheld import Device
from server.demo.lossy_link import LossyLink
from server.demo.outcome import Outcome, judge
from server.demo.processes import device_processes
from server.demo.published import Published, phrae_2567
from server.demo.shares import dealt
from server.demo.third_day import ThirdDay, went_right

SEED = 2567


@dataclass(frozen=True, slots=True)
class Story:
    """What came of it, while the centre still serves at ``url``."""

    url: str
    published: Published
    outcome: Outcome
    checks: Mapping[str, bool]

    @property
    def right(self) -> bool:
        """Whether nothing is missing and no figure differs."""
        return self.outcome.whole and self.outcome.equal and all(self.checks.values())


@contextmanager
def played(premises: Premises, devices_folder: Path, port: int) -> Iterator[Story]:
    """Play everything on a new centre; give the story while that is still open."""
    with device_processes() as carry_out:
        yield from told(premises, fleet(devices_folder, carry_out), port)


def told(premises: Premises, devices: Mapping[str, Device], port: int) -> Iterator[Story]:
    """Play everything with these devices."""
    saying.step("ตั้งศูนย์ ศรส. จากที่ว่างเปล่า โหลดพื้นที่ทั้งประเทศ", "Set up an empty centre and load all areas")
    centre.set_up(premises)
    roll = centre.employ(premises)
    published, began = phrae_2567(), bangkok_date(now()).isoformat()
    with centre.served(premises, port) as url:
        cases = in_the_field(url, devices, roll, published)
        with StaffDesk.signed_in(url, "phrae-social") as desk:
            outcome = judge(desk, (device.done for device in devices.values()), published)
            days = {began, bangkok_date(now()).isoformat()}
            checks = went_right(desk, cases, devices["night-2"].made("visit"), days)
        yield Story(url, published, outcome, checks)


def in_the_field(url: str, devices: Mapping[str, Device], roll: Roll, published: Published) -> ThirdDay:
    """Enrol, work for two days, come back, and edit; return which cases were edited."""
    work = dealt(published, SEED)
    host, _, port = url.removeprefix("http://").partition(":")
    with LossyLink(host, int(port), seed=SEED) as link:
        acts.enrol(devices, roll, link)
        acts.two_days(devices, work, link)
        acts.come_back(devices, link)
        return acts.third_day(devices, work, link)
