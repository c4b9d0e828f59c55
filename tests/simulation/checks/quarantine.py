"""What comes sealed from a lost device waits until staff have looked at it: a thief may have typed it. Promise 10."""

from tests.simulation.fleet import Fleet, Violation
from tests.simulation.headquarters import Answer, Request, instant

_AT_ONCE = """SELECT device.id FROM delivery JOIN device ON device.id = delivery.device WHERE delivery.sha256 = ?
    AND delivery.state = 'applied' AND delivery.decided_by = 'centre' AND delivery.decided_at = ?
    AND device.revoked_order = 'lost'"""


class Quarantine:
    """The centre itself applies nothing that comes from a device which was cancelled as lost."""

    def answered(self, fleet: Fleet, request: Request, answer: Answer) -> None:
        if not request.path.endswith("/deliveries") or answer.status != 201:
            return
        now = instant(fleet.headquarters.time.at_centre())
        if found := fleet.headquarters.rows(_AT_ONCE, (answer.json["sha256"], now)):
            what = f"what was brought of {found[0][0][-6:]} took effect at once"
            raise Violation("10 a lost device's work waits for staff", what)
