"""The faults stop: everybody gets a signal, everybody syncs, until nothing moves any more."""

from field_kit.checking import ask_for_check
from tests.simulation.fleet import Fleet, Violation

ROUNDS_MAX = 6
"""How many times everybody may have to sync before all is quiet (promise 28)."""


def make_peace(fleet: Fleet) -> None:
    """Let everything that is under way end, let everybody sync until nothing changes, and ask for what holds then."""
    fleet.number = 1_000
    fleet.say("peace")
    for phone in fleet.phones:
        phone.restart()
        fleet.tell("restarted", phone)
        if phone.damaged:
            with phone.kit.database.transaction():
                ask_for_check(phone.kit.database)  # as once a week, or after anything suspicious
            fleet.sync(phone)
            phone.damaged = False
    for _ in range(ROUNDS_MAX):
        before = _stand(fleet)
        for phone in fleet.phones:
            sync = fleet.sync(phone)
            fleet.say(f"{phone.name}: {'complete' if sync.complete else type(sync.ended_by).__name__}")
            fleet.tell("check")
        if _stand(fleet) == before:
            break
    else:
        raise Violation("28 queues drain", f"after {ROUNDS_MAX} rounds there is still something new")
    fleet.tell("at_peace")


def _stand(fleet: Fleet) -> tuple[object, ...]:
    waiting = tuple(phone.rows("SELECT count(*) FROM mutation WHERE unanswered = 1")[0][0] for phone in fleet.phones)
    return (fleet.sight.commit, fleet.sight.epoch, waiting)
