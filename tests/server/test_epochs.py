"""What a device and a restored centre still have in common."""

import pytest

from server.models.engine import make_engine, reading, writing
from server.store.epochs import Epoch, add_epochs, all_epochs, check_epoch, common_commit
from sync.errors import EpochChanged

A = Epoch("a", None, 0, "t")

TWICE = [A, Epoch("b", "a", 50, "t"), Epoch("c", "b", 80, "t")]
OLDER_AFTER_NEWER = [A, Epoch("b", "a", 50, "t"), Epoch("c", "a", 30, "t")]
NEWER_AFTER_OLDER = [A, Epoch("b", "a", 50, "t"), Epoch("c", "a", 30, "t"), Epoch("d", "b", 80, "t")]
SAME_TWICE = [A, Epoch("b", "a", 50, "t"), Epoch("c", "a", 50, "t")]


@pytest.mark.parametrize(
    ("epochs", "claimed", "common"),
    [
        (TWICE, "a", 50),
        (TWICE, "b", 80),
        (OLDER_AFTER_NEWER, "a", 30),
        (OLDER_AFTER_NEWER, "b", 30),
        (NEWER_AFTER_OLDER, "a", 50),
        (NEWER_AFTER_OLDER, "b", 80),
        (NEWER_AFTER_OLDER, "c", 30),
        (SAME_TWICE, "a", 50),
        (SAME_TWICE, "b", 50),
        (TWICE, "somebody else's", 0),
        ([A, Epoch("c", "lost", 80, "t")], "a", 0),
    ],
)
def test_a_device_goes_back_to_where_its_epoch_and_the_current_one_part(
    epochs: list[Epoch], claimed: str, common: int
) -> None:
    assert common_commit(epochs, claimed) == common


def test_the_last_epoch_added_is_current_and_needs_no_recovery(migrated_url: str) -> None:
    engine = make_engine(migrated_url)
    with writing(engine) as connection:
        first = all_epochs(connection)[0].id
        add_epochs(connection, 1, [Epoch("b", first, 50, "t"), Epoch("c", "b", 80, "t")])
    with reading(engine) as connection:
        check_epoch(connection, "c")
        with pytest.raises(EpochChanged) as refused:
            check_epoch(connection, first)
    engine.dispose()
    assert refused.value.extra == {"epoch": "c", "restored_to": 50}
