"""``python -m server.demo [--once] [--port N]``: the whole story, from an empty centre to the published tables."""

import signal
import time
from collections.abc import Mapping

import click

from schemas.thai import bangkok_date
from server.clock import now
from server.demo import acts, centre, saying
from server.demo.desk import StaffDesk
from server.demo.fleet import fleet
from server.demo.handheld import Device
from server.demo.lossy_link import LossyLink
from server.demo.outcome import judge
from server.demo.published import phrae_2567
from server.demo.run import run_folder, write_summary
from server.demo.shares import dealt
from server.demo.third_day import went_right

SEED = 2567


@click.command()
@click.option("--once", is_flag=True, help="จบแล้วออก ไม่เปิดศูนย์ค้างไว้ · exit instead of serving on")
@click.option("--port", default=8000, show_default=True, help="พอร์ตของศูนย์ ถ้าว่าง · port of the centre, if it is free")
def main(*, once: bool, port: int) -> None:
    """เล่าเรื่องสองวันในพื้นที่ · Play two days in the field."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with run_folder() as folder:
        saying.step("ตั้งศูนย์ ศรส. จากที่ว่างเปล่า โหลดพื้นที่ทั้งประเทศ", "Set up an empty centre and load all areas")
        centre.set_up(folder / "centre")
        roll = centre.employ(folder / "centre")
        with centre.served(folder / "centre", centre.free_port(port)) as url:
            right = play(url, fleet(folder / "devices"), roll)
            saying.took(time.monotonic() - began)
            if not once:
                saying.serving(url)
                wait()
    raise SystemExit(0 if right else 1)


def play(url: str, devices: Mapping[str, Device], roll: centre.Roll) -> bool:
    """Enrol, work for two days, come back, edit, and judge; tell whether all came out right."""
    published = phrae_2567()
    work = dealt(published, SEED)
    host, _, port = url.removeprefix("http://").partition(":")
    with LossyLink(host, int(port), seed=SEED) as link:
        acts.enrol(devices, roll, link)
        acts.two_days(devices, work, link)
        acts.come_back(devices, link)
        cases = acts.third_day(devices, work, link)
    desk = StaffDesk.sign_in(url, "phrae-social")
    outcome = judge(desk, (device.done for device in devices.values()), published)
    today = bangkok_date(now()).isoformat()
    checks = went_right(desk, cases, devices["night-2"].made("visit"), today)
    saying.outcome(outcome, checks, published)
    write_summary(outcome.summary())
    return outcome.whole and outcome.equal and all(checks.values())


def wait() -> None:
    """Wait until somebody ends it."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo()


if __name__ == "__main__":
    main()
