"""What is laid into quarantine is kept as it came, once, until somebody decides."""

import pytest

from server import quarantine
from server.errors import DeliveryDecided, NotFound
from server.models.engine import reading, writing
from tests.server.centre import MORNING, TestCentre


def test_the_same_bytes_of_the_same_kind_are_one_delivery(centre: TestCentre) -> None:
    with writing(centre.centre.engine) as connection:
        first = quarantine.deposit(connection, kind="witness", content=b"row", now=MORNING, detail={"epoch": "e"})
        again = quarantine.deposit(connection, kind="witness", content=b"row", now=MORNING)
        other = quarantine.deposit(connection, kind="export", content=b"row", now=MORNING)

    with reading(centre.centre.engine) as connection:
        assert [each.id for each in quarantine.listing(connection)] == [first, other]
        assert (again, quarantine.content_of(connection, first)) == (first, b"row")
        assert quarantine.one(connection, first).detail == {"epoch": "e"}


def test_a_delivery_is_decided_once(centre: TestCentre) -> None:
    with writing(centre.centre.engine) as connection:
        id_ = quarantine.deposit(connection, kind="witness", content=b"row", now=MORNING)
        decided = quarantine.decide(connection, id_, "dismissed", "somebody", "ซ้ำ", MORNING)
        with pytest.raises(DeliveryDecided) as refused:
            quarantine.decide(connection, id_, "applied", "another", "ใช้", MORNING)

    assert (decided.state, decided.decided_by, decided.reason) == ("dismissed", "somebody", "ซ้ำ")
    assert refused.value.extra == {"state": "dismissed"}


def test_what_was_never_brought_is_not_found(centre: TestCentre) -> None:
    with reading(centre.centre.engine) as connection:
        for look in (quarantine.one, quarantine.content_of):
            with pytest.raises(NotFound):
                look(connection, "0192f0c0-0000-7000-8000-000000000001")
