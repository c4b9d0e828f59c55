"""All devices together: several at once, with a line for each as it is done."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

import click

from server.demo.handheld import Device
from server.demo.processes import AT_ONCE, CarryOut
from server.demo.roster import OFFICERS

Result = TypeVar("Result")


def fleet(folder: Path, carry_out: CarryOut) -> dict[str, Device]:
    """Return a device for every officer, by username."""
    return {
        officer.username: Device(officer.username, folder / officer.username, carry_out, officer.days_off)
        for officer in OFFICERS
    }


def each(
    devices: Iterable[Device],
    act: Callable[[Device], Result],
    told: Callable[[Result], str],
    *,
    at_once: int = AT_ONCE,
) -> Mapping[str, Result]:
    """Let every device act, several at once, and print a line when one is done.

    :raises Exception: the first failure, after the others have ended.
    """
    devices = list(devices)
    results: dict[str, Result] = {}
    with ThreadPoolExecutor(at_once) as pool:
        acting = {pool.submit(act, device): device for device in devices}
        for done, acted in enumerate(as_completed(acting), start=1):
            device, result = acting[acted], acted.result()
            results[device.username] = result
            click.echo(f"    [{done}/{len(devices)}] {device.username:<12} {told(result)}")
    return results
