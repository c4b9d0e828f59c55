"""Folders for what has to be a file: blobs, the register, orders to wipe. In memory where that is possible."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psutil

PREFIX = "husec-simulation-"


def folder(name: str) -> Path:
    """Return a folder of this process, made on first use and gone with it."""
    made = _of_this_process() / name
    made.mkdir(exist_ok=True)
    return made


@cache
def _of_this_process() -> Path:
    """Make it, and remove those of processes that were killed; a worker of a pool ends without a word."""
    home = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    for left in home.glob(f"{PREFIX}*"):
        if left.name.removeprefix(PREFIX).isdigit() and not psutil.pid_exists(int(left.name.removeprefix(PREFIX))):
            shutil.rmtree(left, ignore_errors=True)
    made = home / f"{PREFIX}{os.getpid()}"
    made.mkdir(mode=0o700)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
