"""What lies sealed: in quarantine, in the outbox of a wiped device, with a carrier. Only the centre opens it."""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256

from field_kit import files
from server import unsent_work
from sync.unsent import parts_of
from tests.simulation.fleet import Fleet
from tests.simulation.homes import sealed_outbox
from tests.simulation.people import beginning


def sealed_edits(fleet: Fleet) -> set[str]:
    """Return the ids of all edits that lie sealed somewhere."""
    return {id_ for part in _parts(fleet) for id_ in _opened(part)[0]}


def sealed_photos(fleet: Fleet) -> set[tuple[str, str]]:
    """Return (attachment, hash of its bytes) of all photos that lie sealed somewhere."""
    return {each for part in _parts(fleet) for each in _opened(part)[1]}


def _parts(fleet: Fleet) -> Iterator[bytes]:
    yield from fleet.sight.once("deliveries", lambda: _deliveries(fleet))
    for phone in fleet.phones:
        yield from (bytes(content) for (content,) in phone.rows("SELECT content FROM carried"))
        yield from files.sealed(phone.kit.database)
    for whole in (*(sealed_outbox(phone.kit.database.path) for phone in fleet.wiping), *fleet.parcels):
        yield from parts_of(whole) if whole else ()


def _deliveries(fleet: Fleet) -> list[bytes]:
    rows = fleet.headquarters.rows("SELECT content FROM delivery WHERE kind <> 'witness' AND length(content) > 0")
    return [bytes(row[0]) for row in rows]


@lru_cache(4_096)
def _opened(part: bytes) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    edits, given = unsent_work.edits_in(beginning().headquarters.centre, part)
    photos = frozenset((file.attachment, sha256(file.bytes).hexdigest()) for file in given)
    return frozenset(each.mutation.id for each in edits), photos
