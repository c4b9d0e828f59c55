"""One device at work, as the officer uses it: carries out a plan through ``FieldKit``.

The only module of the centre's side that touches the kit. It runs in a process of its own (``processes``).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from field_kit import FieldKit, Surroundings
from field_kit.errors import Unreachable
from field_kit.saving import Save as OpenSave
from field_kit.surroundings import now_utc, uuid7
from server.demo.photos import write_photo
from server.demo.plan import Create, Done, Photograph, Plan, Save, resolved

SYNCS_MAX = 10


def carry_out(plan: Plan) -> Done:
    """Do every Save of a plan on its device; a plan without a device is done already."""
    done = Done(names=dict(plan.names))
    if not plan.folder:
        return done
    with opened(plan) as kit:
        for save in plan.saves:
            press_save(kit, save, Path(plan.folder), done)
        if plan.sync:
            sync(kit)
    return done


@contextmanager
def opened(plan: Plan) -> Iterator[FieldKit]:
    """Open the device, with its clock as wrong as the plan says."""

    def now() -> datetime:
        return now_utc() + timedelta(days=plan.days_off)

    surroundings = Surroundings(now=now, new_id=partial(uuid7, now))
    with FieldKit.open(plan.folder, plan.passphrase, surroundings=surroundings) as kit:
        yield kit


def press_save(kit: FieldKit, save: Save, folder: Path, done: Done) -> None:
    """Do the steps of one Save together."""
    with kit.save() as open_save:
        for step in save:
            take(open_save, step, folder, done)


def take(save: OpenSave, step: Create | Photograph, folder: Path, done: Done) -> None:
    """Do one step, and note what it made."""
    match step:
        case Create(name, type_, data):
            done.add(name, save.create(type_, resolved(data, done.names)), type_)
        case Photograph(name, of, number, kind):
            path = write_photo(folder, number)
            attachment = save.attach(done.names[of], path, kind=kind)
            done.add(name, attachment, "attachment", sha256(path.read_bytes()).hexdigest())


def sync(kit: FieldKit) -> None:
    """Send everything, again after every loss of signal."""
    for _ in range(SYNCS_MAX - 1):
        with suppress(Unreachable):
            kit.sync()
            return
    kit.sync()
