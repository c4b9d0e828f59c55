"""The faults stop: everybody gets a signal, everybody syncs, until nothing moves any more."""

from field_kit.checking import ask_for_check
from tests.simulation.air import cut
from tests.simulation.cancelling import finish_wipe
from tests.simulation.enrolling_again import let_in
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.phone import Phone

ROUNDS_MAX = 6
"""How many times everybody may have to sync before all is quiet (promise 28)."""


def make_peace(fleet: Fleet) -> None:
    """Let everything that is under way end, let everybody sync until nothing changes, and ask for what holds then."""
    fleet.number = 1_000
    fleet.say("peace")
    for exchange in fleet.waiting():
        while exchange:
            fleet.go_on(exchange, exchange.answer or fleet.ask(exchange.request) or cut())
            exchange = exchange.sync.exchange
    for phone in list(fleet.phones):
        if phone.damaged:
            with phone.kit.database.transaction():
                ask_for_check(phone.kit.database)  # as once a week, or after anything suspicious
            let_in(fleet, phone, fleet.sync(phone))
            phone.damaged = False
    # Those with edits first: the others hear of them at once.
    restless = sorted(fleet.phones, key=_is_quiet_about_edits)
    for _ in range(ROUNDS_MAX):
        before = _stand(fleet)
        for phone in restless:
            sync = let_in(fleet, phone, fleet.sync(phone))
            fleet.say(f"{phone.name}: {'complete' if sync.complete else type(sync.ended_by).__name__}")
            fleet.tell("check")
        for phone in list(fleet.wiping):
            phone.restart()
            finish_wipe(fleet, phone)
        restless = [phone for phone in fleet.phones if not _is_quiet(fleet, phone)]
        if not restless or _stand(fleet) == before:
            break
    else:
        raise Violation("28 queues drain", f"after {ROUNDS_MAX} rounds there is still something new")
    fleet.tell("at_peace")


def _is_quiet(fleet: Fleet, phone: Phone) -> bool:
    """Tell whether a device has sent everything and has seen the last commit."""
    known = phone.kit.identity
    if (known.last_commit, known.epoch) != (fleet.sight.commit, fleet.sight.epoch):
        return False
    return _is_quiet_about_edits(phone) and not phone.rows("SELECT 1 FROM file WHERE state = 'waiting' LIMIT 1")


def _is_quiet_about_edits(phone: Phone) -> bool:
    return not phone.rows("SELECT 1 FROM mutation WHERE unanswered = 1 LIMIT 1")


def _stand(fleet: Fleet) -> tuple[object, ...]:
    waiting = tuple(phone.rows("SELECT count(*) FROM mutation WHERE unanswered = 1")[0][0] for phone in fleet.phones)
    return (fleet.sight.commit, fleet.sight.epoch, waiting)
