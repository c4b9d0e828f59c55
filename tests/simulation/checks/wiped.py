"""Cancelled devices: they stay cancelled, are given nothing, and keep nothing but what the centre has yet to have."""

from pathlib import Path

import msgspec

from field_kit.wiping import order_of
from server.auth.tokens import hash_of
from tests.simulation.checks.visible import body_of
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.headquarters import Answer, Request
from tests.simulation.homes import is_wiped, keys_gone, left_over, sealed_outbox

READS = ("/sync/pull", "/sync/check")
STRENGTH = {"left": 1, "lost": 2}


class Wiped:
    """What was decided about a device holds in every epoch."""

    def __init__(self) -> None:
        self._cancelled: dict[str, str] = {}
        self._confirmed: set[str] = set()

    def answered(self, fleet: Fleet, request: Request, answer: Answer) -> None:
        """10: a cancelled device reads nothing."""
        if answer.status == 200 and request.path.endswith(READS):
            device = body_of(request)["device"]
            if device in self._cancelled:
                raise Violation("10 a cancelled device reads nothing", f"{request.path} as {self._cancelled[device]}")

    def check(self, fleet: Fleet) -> None:
        now = fleet.sight.once("cancelled", lambda: _cancelled(fleet))
        for device, order in self._cancelled.items():
            if STRENGTH.get(now.get(device, (None, None))[0] or "", 0) < STRENGTH[order]:
                raise Violation("17 cancelled for good", f"{device[-6:]} was {order} and is {now.get(device)}")
        for device in self._confirmed:
            if not now[device][1]:
                raise Violation("17 cancelled for good", f"nobody knows any more that {device[-6:]} is wiped")
        for phone in fleet.wiping:
            if keys_gone(phone.kit.database.path) and (found := left_over(phone.kit.database.path)):
                raise Violation("10 a wiped device holds nothing", f"{phone.name} still has {found}")
        self._cancelled |= {device: order for device, (order, _) in now.items() if order}
        self._confirmed |= {device for device, (_, wiped) in now.items() if wiped}

    def at_peace(self, fleet: Fleet) -> None:
        """28: every order to wipe ends, and the sealed outbox is at the centre."""
        for phone in fleet.wiping:
            path = phone.kit.database.path
            if (not is_wiped(path) or sealed_outbox(path)) and not _is_stranger(fleet, path):
                raise Violation("28 queues drain", f"{phone.name} still has an order or an outbox")


def _is_stranger(fleet: Fleet, path: Path) -> bool:
    """Tell whether the centre never heard of an order's token: a restore took back that it was given.

    What is left of such a device is brought by hand.
    """
    order = order_of(path)
    held = hash_of(str(msgspec.json.decode(order.read_bytes())["token"])) if order.exists() else ""
    return bool(held) and not fleet.headquarters.rows("SELECT 1 FROM token WHERE sha256 = ?", (held,))


def _cancelled(fleet: Fleet) -> dict[str, tuple[str | None, str | None]]:
    rows = fleet.headquarters.rows("SELECT id, revoked_order, wiped_at FROM device")
    return {device: (order, wiped) for device, order, wiped in rows}
