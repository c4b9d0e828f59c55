"""A process of its own for every device at work, forked from one that has imported the kit already."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from server.demo.device import carry_out
from server.demo.plan import Done, Plan

CarryOut = Callable[[Plan], Done]

AT_ONCE = 4
"""Devices that compute at the same time."""


@contextmanager
def device_processes() -> Iterator[CarryOut]:
    """Give a function that carries out a plan in a fresh process."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["__main__", "server.demo.device"])
    with ProcessPoolExecutor(AT_ONCE, mp_context=context, max_tasks_per_child=1) as pool:
        pool.submit(carry_out, Plan())  # the imports begin while the centre is being set up
        yield lambda plan: pool.submit(carry_out, plan).result()
