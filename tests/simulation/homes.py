"""The folders of devices: beside the database lie the order to wipe and the sealed outbox. A home for each device."""

import os
import shutil
from functools import cache
from pathlib import Path

import msgspec

from field_kit.keyring import CHOICE
from field_kit.wiping import order_of, outbox_of
from tests.simulation.memory_folder import folder


@cache
def homes() -> Path:
    """Return the folder of this process's devices; no keyring of this computer has to do with them."""
    os.environ[CHOICE] = "file"
    return folder("devices")


def database_of(name: str) -> Path:
    """Return where the file of a device would lie; the simulation keeps its content in memory."""
    home = homes() / name
    home.mkdir(exist_ok=True)
    return home / "device.db"


def empty_homes() -> None:
    """Forget what earlier schedules left in them."""
    for home in homes().iterdir():
        shutil.rmtree(home)


def sealed_outbox(database: Path) -> bytes:
    """Return the sealed outbox that waits beside a wiped file, empty where there is none."""
    path = outbox_of(database)
    return path.read_bytes() if path.exists() else b""


def is_wiped(database: Path) -> bool:
    """Tell whether the order to wipe was carried out to its end."""
    return not order_of(database).exists()


def keys_gone(database: Path) -> bool:
    """Tell whether everything is deleted as far as the order says; the centre may have to hear of it yet."""
    return is_wiped(database) or bool(msgspec.json.decode(order_of(database).read_bytes())["wiped"])


def left_over(database: Path) -> list[str]:
    """Return the names of files that lie in a home and are neither the order nor the sealed outbox."""
    kept = (order_of(database).name, outbox_of(database).name)
    return sorted(path.name for path in database.parent.iterdir() if path.name not in kept)
