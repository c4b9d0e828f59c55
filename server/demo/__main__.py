"""``python -m server.demo [--once] [--port N]``: the whole story, from an empty centre to the published tables."""

import signal
import time

import click

from server.demo import saying
from server.demo.centre import Premises, free_port
from server.demo.run import run_folder, write_summary
from server.demo.story import played


@click.command()
@click.option("--once", is_flag=True, help="จบแล้วออก ไม่เปิดศูนย์ค้างไว้ · exit instead of serving on")
@click.option("--port", default=8000, show_default=True, help="พอร์ตของศูนย์ ถ้าว่าง · port of the centre, if it is free")
def main(*, once: bool, port: int) -> None:
    """เล่าเรื่องสองวันในพื้นที่ · Play two days in the field."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with run_folder() as folder, played(Premises(folder / "centre"), folder / "devices", free_port(port)) as story:
        saying.outcome(story.outcome, story.checks, story.published)
        write_summary(story.outcome.summary())
        saying.took(time.monotonic() - began)
        if not once:
            saying.serving(story.url)
            wait()
    raise SystemExit(0 if story.right else 1)


def wait() -> None:
    """Wait until somebody ends it."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo()


if __name__ == "__main__":
    main()
