"""Photos: attached on devices, sent in pieces, cut in the middle.

Every photo says in its bytes from which schedule and step it comes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random

from server.jobs import expire_uploads
from tests.simulation.acts import Act, mark, pick, typed
from tests.simulation.air import Exchange, cut, lost
from tests.simulation.fleet import Fleet
from tests.simulation.headquarters import Request
from tests.simulation.memory_folder import folder
from tests.simulation.moves import saved
from tests.simulation.phone import Phone

OWNERS = ("case", "case", "visit", "person", "household")
SIZES = (0, 300, 5_000, 64 * 1024, 70_000, 150_000)
"""In bytes; a piece has 64 KiB."""
EXCHANGES_MAX = 60
UPLOADS = "/api/v1/uploads"


@typed
def attach_photo(phone: Phone, fleet: Fleet, dice: Random) -> str | None:
    """A photo is added to a record; now and then it is one that somebody else has added too."""
    record = pick(fleet, phone, dice, dice.choice(OWNERS))
    if record is None:
        return None
    size, of = dice.choice(SIZES), "everybody" if dice.random() < 0.15 else mark(fleet, phone)
    path = folder("camera") / "photo.jpg"
    path.write_bytes((f"{fleet.seed} {of} ".encode() * (size // 8 + 1))[:size])
    made = phone.kit.attach(record, path, kind="house_outside" if dice.random() < 0.5 else None)
    return f"adds a photo {made.record[-6:]} of {size} bytes to {record[-6:]}"


def photographed(fleet: Fleet, phone: Phone, record: str) -> bool:
    """Let a small photo be added to a record; tell whether the device said that it kept it."""
    path = folder("camera") / "photo.jpg"
    path.write_bytes(f"{fleet.seed} {mark(fleet, phone)} ".encode() * 20)
    return saved(fleet, phone, lambda: phone.kit.attach(record, path))


def begin_upload(fleet: Fleet, dice: Random) -> str | None:
    """A device that has photos to send goes on until it stands before a piece of one."""
    found = [phone for phone in fleet.alive if phone.rows("SELECT 1 FROM file WHERE state = 'waiting'")]
    if not found:
        return None
    phone = dice.choice(found)
    exchange = before_upload(fleet, phone)
    return f"{phone.name} sends photos: {exchange.what[:12] if exchange else 'not yet'}"


def break_upload(fleet: Fleet, dice: Random) -> str | None:
    """Something happens to a piece of a photo on its way."""
    said = None if _under_way(fleet) else begin_upload(fleet, dice)
    waiting = _under_way(fleet)
    if not waiting:
        return said
    exchange = dice.choice(waiting)
    if exchange.request.method != "PATCH" and dice.random() < 0.7:
        fleet.deliver(exchange)
        exchange = exchange.sync.exchange or exchange
        if exchange.answer or not _is_upload(exchange):
            return said
    name = dice.choice(list(TROUBLES))
    TROUBLES[name](fleet, exchange, dice)
    return f"{exchange.sync.phone.name} {exchange.request.method} of a photo: {name}"


def before_upload(fleet: Fleet, phone: Phone) -> Exchange | None:
    """Let a device sync until it stands before a piece of a photo; return that exchange."""
    if not phone.syncs:
        sync = phone.begin_sync()
        fleet.notice_wiped(phone)
        fleet.tell("went_on", sync, None, None)
    for _ in range(EXCHANGES_MAX):
        exchange = phone.syncs[0].exchange if phone.syncs else None
        if exchange is None or _is_upload(exchange):
            return exchange
        fleet.deliver(exchange)
    return None


def _under_way(fleet: Fleet) -> list[Exchange]:
    return [exchange for exchange in fleet.waiting() if not exchange.answer and _is_upload(exchange)]


def _is_upload(exchange: Exchange) -> bool:
    return exchange.request.path.startswith(UPLOADS)


# --- what happens to a piece


def _cut_in_the_middle(fleet: Fleet, exchange: Exchange, dice: Random) -> None:
    """The connection breaks when a part of the piece has arrived."""
    fleet.ask(_only(exchange.request, dice.randrange(len(exchange.request.body) + 1)))
    fleet.go_on(exchange, cut())


def _damaged(fleet: Fleet, exchange: Exchange, dice: Random) -> None:
    """A byte changes on the way."""
    body = bytearray(exchange.request.body)
    if body:
        body[dice.randrange(len(body))] ^= 1
    answer = fleet.ask(replace(exchange.request, body=bytes(body)))
    fleet.go_on(exchange, answer or cut())


def _twice(fleet: Fleet, exchange: Exchange, dice: Random) -> None:
    answers = [each for each in (fleet.ask(exchange.request), fleet.ask(exchange.request)) if each]
    fleet.go_on(exchange, dice.choice(answers) if answers else cut())


def _unanswered(fleet: Fleet, exchange: Exchange, _: Random) -> None:
    fleet.ask(exchange.request)
    fleet.go_on(exchange, lost())


def _centre_dies(fleet: Fleet, exchange: Exchange, dice: Random) -> None:
    with fleet.dying(dice.randrange(14)):
        answer = fleet.ask(exchange.request)
    fleet.go_on(exchange, answer or cut())


def _device_dies(fleet: Fleet, exchange: Exchange, dice: Random) -> None:
    phone, answer = exchange.sync.phone, fleet.ask(exchange.request)
    if answer and phone.dies_within(dice.randrange(4), lambda: fleet.go_on(exchange, answer)):
        fleet.tell("restarted", phone)


def _expires(fleet: Fleet, exchange: Exchange, _: Random) -> None:
    """The device is away for so long that the centre gives the upload up."""
    headquarters = fleet.headquarters
    fleet.go_on(exchange, lost())
    headquarters.time.pass_(timedelta(hours=headquarters.centre.settings.upload_hours + 1))
    expire_uploads.run(headquarters.centre, headquarters.centre.now())


def _arrives(fleet: Fleet, exchange: Exchange, _: Random) -> None:
    fleet.deliver(exchange)


TROUBLES = {
    "arrives": _arrives,
    "cut in the middle": _cut_in_the_middle,
    "damaged": _damaged,
    "twice": _twice,
    "unanswered": _unanswered,
    "the centre dies": _centre_dies,
    "the device dies": _device_dies,
    "expires": _expires,
}


def _only(request: Request, length: int) -> Request:
    """Return what arrives of a request whose connection breaks after so many bytes of its body."""
    said = {**request.headers, "Content-Length": str(len(request.body))}
    return replace(request, headers=said, body=request.body[:length])


PHOTOS: Mapping[str, tuple[Act, int]] = {
    "attach-photo": (attach_photo, 4),
    "begin-upload": (begin_upload, 3),
    "break-upload": (break_upload, 4),
}
