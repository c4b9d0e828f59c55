"""What becomes of exchanges: the ordinary course, and everything that a network does to it."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.air import Exchange, cut, lost, no_signal, truncated
from tests.simulation.fleet import Fleet

STRAYS_MAX = 8


def sync_whole(fleet: Fleet, dice: Random) -> str | None:
    """A device syncs without trouble."""
    phone = fleet.phone(dice)
    if phone is None:
        return None
    sync = fleet.sync(phone)
    return f"{phone.name} syncs: {_end_of(sync)}"


def begin_sync(fleet: Fleet, dice: Random) -> str | None:
    """A device begins a sync, perhaps while another one runs; it will need several steps."""
    phone = fleet.phone(dice)
    if phone is None or len(phone.syncs) > 1:
        return None
    sync = phone.begin_sync()
    fleet.notice_wiped(phone)
    fleet.tell("went_on", sync, None, None)
    return f"{phone.name} begins a sync: {sync.exchange.what if sync.exchange else 'nothing to do'}"


def deliver(fleet: Fleet, dice: Random) -> str | None:
    """One to three exchanges succeed."""
    said = []
    for _ in range(dice.choice((1, 1, 2, 3))):
        exchange = _waiting(fleet, dice)
        if exchange is None:
            break
        fleet.deliver(exchange)
        said.append(_name(exchange))
    return f"{', '.join(said)}: delivered" if said else None


def lose_request(fleet: Fleet, dice: Random) -> str | None:
    """A request never arrives."""
    exchange = _waiting(fleet, dice)
    if exchange is None:
        return None
    fleet.go_on(exchange, dice.choice((lost, cut, no_signal))())
    return f"{_name(exchange)}: the request is lost"


def lose_reply(fleet: Fleet, dice: Random) -> str | None:
    """The centre does what it was asked, and nobody hears."""
    exchange = _waiting(fleet, dice)
    if exchange is None:
        return None
    fleet.ask(exchange.request)
    fleet.go_on(exchange, dice.choice((lost, cut))())
    return f"{_name(exchange)}: the reply is lost"


def duplicate(fleet: Fleet, dice: Random) -> str | None:
    """A request arrives twice; the device hears one of the answers."""
    exchange = _waiting(fleet, dice)
    if exchange is None:
        return None
    answers = [each for each in (fleet.ask(exchange.request), fleet.ask(exchange.request)) if each]
    fleet.go_on(exchange, dice.choice(answers) if answers else cut())
    return f"{_name(exchange)}: arrives twice"


def keep_stray(fleet: Fleet, dice: Random) -> str | None:
    """A request is lost for the device, and stays in the network to arrive at any later time."""
    exchange = _waiting(fleet, dice)
    if exchange is None:
        return None
    fleet.strays = [*fleet.strays[-STRAYS_MAX:], exchange.request]
    fleet.go_on(exchange, lost())
    return f"{_name(exchange)}: goes astray"


def stray_arrives(fleet: Fleet, dice: Random) -> str | None:
    """A request from long ago arrives; nobody waits for the answer."""
    if not fleet.strays:
        return None
    request = dice.choice(fleet.strays)
    fleet.ask(request)
    return f"a stray {request.path} arrives"


def truncate(fleet: Fleet, dice: Random) -> str | None:
    """A reply ends too early."""
    exchange = _waiting(fleet, dice)
    if exchange is None:
        return None
    answer = fleet.ask(exchange.request)
    fleet.go_on(exchange, truncated(answer, dice.getrandbits(12)) if answer else cut())
    return f"{_name(exchange)}: the reply is cut short"


def slow_answer(fleet: Fleet, dice: Random) -> str | None:
    """The centre answers, and the answer takes its time: anything may happen before it arrives."""
    exchange = _waiting(fleet, dice)
    if exchange is None:
        return None
    exchange.answer = fleet.ask(exchange.request)
    return f"{_name(exchange)}: the answer is on its way"


def answer_arrives(fleet: Fleet, dice: Random) -> str | None:
    """A slow answer arrives."""
    late = [exchange for exchange in fleet.waiting() if exchange.answer]
    if not late:
        return None
    exchange = dice.choice(late)
    fleet.go_on(exchange, exchange.answer)
    return f"{_name(exchange)}: the late answer arrives"


def no_signal_at_all(fleet: Fleet, dice: Random) -> str | None:
    """A device loses its signal until its sync gives up."""
    exchange = _waiting(fleet, dice)
    if exchange is None:
        return None
    sync = exchange.sync
    for _ in range(20):
        if sync.exchange is None:
            break
        fleet.go_on(sync.exchange, no_signal())
    return f"{sync.phone.name} has no signal: {_end_of(sync)}"


def _waiting(fleet: Fleet, dice: Random) -> Exchange | None:
    waiting = [exchange for exchange in fleet.waiting() if not exchange.answer]
    return dice.choice(waiting) if waiting else None


def _name(exchange: Exchange) -> str:
    return f"{exchange.sync.phone.name} {exchange.what}"


def _end_of(sync: object) -> str:
    ended = getattr(sync, "ended_by", None)
    return "complete" if getattr(sync, "complete", False) else f"{type(ended).__name__}" if ended else "under way"


ORDINARY: Mapping[str, tuple[Act, int]] = {
    "sync": (sync_whole, 12),
    "begin-sync": (begin_sync, 8),
    "deliver": (deliver, 16),
}
NETWORK_FAULTS: Mapping[str, tuple[Act, int]] = {
    "lose-request": (lose_request, 2),
    "lose-reply": (lose_reply, 4),
    "duplicate": (duplicate, 2),
    "keep-stray": (keep_stray, 2),
    "stray-arrives": (stray_arrives, 2),
    "truncate": (truncate, 2),
    "slow-answer": (slow_answer, 4),
    "answer-arrives": (answer_arrives, 4),
    "no-signal": (no_signal_at_all, 1),
}
