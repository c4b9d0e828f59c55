"""Record ids that say who wrote them and in which place, so that millions of them are kept as arrays of numbers."""

from array import array

FIRST_MS = 1_795_000_000_000
MIDDLE = "-7000-8000-"

Place = tuple[int, int]
"""(lane, serial): a writer has one lane of cases and one of everything else."""


def record_id(lane: int, serial: int) -> str:
    """Return a UUIDv7 that increases with the serial number."""
    high = f"{FIRST_MS + serial:012x}"
    return f"{high[:8]}-{high[8:]}{MIDDLE}{lane:012x}"


def place_of(identifier: str) -> Place:
    """Return the place that an id says.

    :raises ValueError: for an id that no writer has made.
    """
    if identifier[13:24] != MIDDLE:
        raise ValueError(identifier)
    return int(identifier[24:], 16), int(identifier[:8] + identifier[9:13], 16) - FIRST_MS


class Numbers:
    """A number for every place, 0 where none was set."""

    def __init__(self, lanes: int) -> None:
        """Begin with nothing."""
        self._lanes = [array("q") for _ in range(lanes)]

    def __getitem__(self, place: Place) -> int:
        lane, serial = self._lanes[place[0]], place[1]
        return lane[serial] if serial < len(lane) else 0

    def __setitem__(self, place: Place, value: int) -> None:
        lane, serial = self._lanes[place[0]], place[1]
        if serial >= len(lane):
            lane.frombytes(bytes(lane.itemsize * (serial + 1_000 - len(lane))))
        lane[serial] = value

    def places(self) -> list[Place]:
        """Return every place that has a number other than 0."""
        return [(lane, serial) for lane, numbers in enumerate(self._lanes) for serial, n in enumerate(numbers) if n]
