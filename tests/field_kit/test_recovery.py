"""After a recovery everything goes up again; what the officer sees and writes rests on the newest rows all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from field_kit import FieldKit
from field_kit.recovery import recover
from sync.errors import DeviceForked, EpochChanged
from sync.messages import Gone
from tests.field_kit.centre import Centre, answered, flat, page, sums, table
from tests.field_kit.device import CASE, DISTRICT, EPOCH, KEY, TEAM, USER, Outside, begin, log_of, seen

SINCE = "01a00000-0000-7000-8000-00000000ee02"
FIELDS = ["urgency", "summary", *CASE]


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def kit(tmp_path: Path, outside: Outside) -> Iterator[FieldKit]:
    with FieldKit.open_with_key(begin(tmp_path, outside), KEY, outside.surroundings) as kit:
        yield kit


def row(case: str, version: int, urgency: str, bucket: str = DISTRICT, summary: str | None = None) -> Any:
    return table("case", FIELDS, (case, version, [bucket], [urgency, summary, *CASE.values()]))


def settled_case(kit: FieldKit) -> str:
    """Make a case at commit 5 and let a colleague raise it at commit 9; return it."""
    case = kit.create("case", urgency="normal", **CASE).record
    mine = page({DISTRICT: (5, None)}, row(case, 5, "normal"), checksums=sums(5, DISTRICT, (case, 5)), add=[DISTRICT])
    theirs = page({DISTRICT: (9, None)}, row(case, 9, "urgent"), checksums=sums(9, DISTRICT, (case, 9)), commit=9)
    kit.sync(transport=Centre(pulls=[mine]))
    kit.sync(transport=Centre(pulls=[theirs]))
    return case


def test_what_had_settled_is_sent_again_and_not_laid_over_newer_rows(kit: FieldKit, outside: Outside) -> None:
    case = settled_case(kit)
    recover(kit.database, DeviceForked(), outside.surroundings)
    kit.update(case, urgency="most_urgent")
    assert seen(kit, case).data["urgency"] == "most_urgent"
    centre = Centre(pushes=[lambda request: answered(request, commit=5)])
    kit.sync(transport=centre)
    again, edit = flat(centre.pushed[0])
    assert (again.op, again.seq, edit.seq) == ("create", 1, 2)
    assert (edit.base, edit.set) == (9, {"urgency": ("urgent", "most_urgent")})


def test_what_a_restored_centre_lost_comes_back_over_the_rows(kit: FieldKit, outside: Outside) -> None:
    case = settled_case(kit)
    recover(kit.database, EpochChanged(epoch=SINCE, restored_to=3), outside.surroundings)
    assert seen(kit, case).data["urgency"] == "normal"
    assert log_of(kit, "state", "outcome", "unanswered") == [("pending", None, 1)]


def test_a_row_that_a_restored_centre_lost_leaves_no_words_in_the_index(kit: FieldKit, outside: Outside) -> None:
    theirs = row(str(outside.new_id()), 9, "urgent", summary="หลังคาพัง")
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (9, None)}, theirs, commit=9, add=[DISTRICT])]))
    assert kit.database.rows("SELECT text FROM searchable WHERE text LIKE '%หลังคาพัง%'")
    recover(kit.database, EpochChanged(epoch=SINCE, restored_to=3), outside.surroundings)
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (3, None)}, commit=3)]))
    assert kit.database.rows("SELECT record FROM searchable") == []
    assert not kit.identity.search_unclean


def test_what_a_restored_centre_kept_stays_settled_while_it_goes_up_again(kit: FieldKit, outside: Outside) -> None:
    settled_case(kit)
    recover(kit.database, EpochChanged(epoch=SINCE, restored_to=7), outside.surroundings)
    assert log_of(kit, "state", "outcome", "unanswered") == [("settled", "applied", 1)]
    assert kit.identity.last_commit == 7


def test_what_the_centre_took_anew_is_shown_until_a_pull_brings_it(kit: FieldKit, outside: Outside) -> None:
    settled_case(kit)
    recover(kit.database, DeviceForked(), outside.surroundings)
    later = Centre(
        pushes=[lambda request: answered(request, commit=12)], pulls=[page({DISTRICT: (11, None)}, commit=11)]
    )
    kit.sync(transport=later)
    assert log_of(kit, "state", "commit_number", "unanswered") == [("answered", 12, 0)]


def test_held_work_stays_before_its_authors_eyes_until_it_is_let_go(kit: FieldKit) -> None:
    case = kit.create("case", urgency="normal", **CASE).record
    holding = Centre(pushes=[lambda request: answered(request, outcome="held", waits_for=USER)])
    kit.sync(transport=holding)
    assert seen(kit, case).data["urgency"] == "normal"
    [mutation] = log_of(kit, "id")
    fields, told = ["user", "kind", "mutation", "code"], [USER, "released", mutation[0], "applied"]
    notice = table("notice", fields, ("01a00000-0000-7000-8000-00000000f001", 9, [DISTRICT], told))
    totals = sums(9, DISTRICT, (case, 9), ("01a00000-0000-7000-8000-00000000f001", 9))
    pulled = page({DISTRICT: (9, None)}, row(case, 9, "normal"), notice, commit=9, checksums=totals, add=[DISTRICT])
    kit.sync(transport=Centre(pulls=[pulled]))
    assert log_of(kit, "state", "outcome") == [("settled", "applied")]
    assert seen(kit, case).version == 9


def test_what_others_may_have_written_goes_with_the_wider_bucket_and_the_rest_is_asked_for(kit: FieldKit) -> None:
    own = f"user:{USER}"
    case = settled_case(kit)
    both = table("case", FIELDS, (case, 12, [TEAM, own], ["urgent", "เขียนไว้", *CASE.values()]))
    gone: Gone = (case, 12, DISTRICT, "moved")
    checkpoint = {DISTRICT: (12, None), TEAM: (12, None), own: (12, None)}
    totals = sums(12, TEAM, (case, 12)) | sums(12, own, (case, 12)) | sums(12, DISTRICT)
    left = table("case", [], gone=[gone])
    first = page(checkpoint, both, left, commit=12, add=[TEAM, own], checksums=totals)
    kit.sync(transport=Centre(pulls=[first]))
    assert seen(kit, case).data["summary"] == "เขียนไว้"
    narrower = page({DISTRICT: (15, None), own: (15, None)}, commit=15, drop=[TEAM])
    mine = table("case", FIELDS, (case, 12, [own], ["urgent", "เขียนไว้", *CASE.values()]))
    again = page({DISTRICT: (15, None), own: (15, None)}, mine, commit=15, checksums=sums(15, own, (case, 12)))
    centre = Centre(pulls=[narrower, lambda asked: _hidden(kit, case, again)])
    kit.sync(transport=centre)
    assert centre.pulled[1].checkpoint[own] == (0, None)
    assert seen(kit, case).data["summary"] == "เขียนไว้"


def _hidden(kit: FieldKit, case: str, reply: Any) -> Any:
    assert "summary" not in seen(kit, case).data
    return reply


def test_what_is_hidden_after_it_was_fetched_again_is_fetched_once_more(kit: FieldKit, outside: Outside) -> None:
    own, (a, b) = f"user:{USER}", sorted(outside.new_id() for _ in range(2))
    values = ["urgent", "เขียนไว้", *CASE.values()]
    both = {DISTRICT: (12, None), own: (12, None)}
    totals = sums(12, own, (a, 12), (b, 12)) | sums(12, DISTRICT, (a, 12), (b, 12))
    rows = [(each, 12, [DISTRICT, own], values) for each in (a, b)]
    kit.sync(transport=Centre(pulls=[page(both, table("case", FIELDS, *rows), add=[*both], checksums=totals)]))
    mine = [(each, 12, [own], values) for each in (a, b)]
    at: Any = {DISTRICT: (15, a), own: (15, a)}
    end = {DISTRICT: (15, None), own: (15, None)}
    left = sums(15, own, (a, 12), (b, 12)) | sums(15, DISTRICT)
    pulls = [
        page(at, table("case", [], gone=[(a, 15, DISTRICT, "moved")]), complete=False, commit=15),
        page(at, table("case", FIELDS, *mine), complete=False, commit=15),
        page(end, table("case", [], gone=[(b, 15, DISTRICT, "moved")]), commit=15, checksums=left),
        page(end, table("case", FIELDS, *mine), commit=15, checksums=left),
    ]
    centre = Centre(pulls=pulls)
    kit.sync(transport=centre)
    assert [asked.checkpoint[own] for asked in centre.pulled] == [(12, None), (0, None), (15, a), (0, None)]
    assert [seen(kit, each).data["summary"] for each in (a, b)] == ["เขียนไว้", "เขียนไว้"]


class Restored(Centre):
    """A centre whose answers are on their way while it is restored and another sync of the device hears of it."""

    def __init__(self, kit: FieldKit, outside: Outside, **said: Any) -> None:
        super().__init__(**said)
        self.kit, self.outside, self.late = kit, outside, True

    def _heard_elsewhere(self) -> None:
        if self.late:
            recover(self.kit.database, EpochChanged(epoch=SINCE, restored_to=9), self.outside.surroundings)
        self.late = False

    def verified_files(self, hashes: Any) -> list[str]:
        late = self.late
        self._heard_elsewhere()
        return list(hashes) if late else super().verified_files(hashes)

    def witnesses(self, request: Any) -> Any:
        self._heard_elsewhere()
        return super().witnesses(request)

    def deliver(self, sealed: bytes) -> None:
        self._heard_elsewhere()
        super().deliver(sealed)


def test_a_page_from_before_a_restore_is_not_stored_after_it(kit: FieldKit, outside: Outside) -> None:
    case = str(outside.new_id())

    def restored_meanwhile(asked: Any) -> Any:
        recover(kit.database, EpochChanged(epoch=SINCE, restored_to=9), outside.surroundings)
        return page({DISTRICT: (8, None)}, row(case, 8, "urgent"), commit=8, add=[DISTRICT])

    centre = Centre(pulls=[restored_meanwhile])
    kit.sync(transport=centre)
    assert (kit.get(case), len(centre.pulled), centre.pulled[-1].epoch) == (None, 2, SINCE)


def test_a_photo_that_arrived_before_a_restore_is_sent_again_after_it(
    kit: FieldKit, outside: Outside, tmp_path: Path
) -> None:
    photo = tmp_path.parent / "house.jpg"
    photo.write_bytes(b"photo")
    kit.attach(kit.create("person", first_name="สมชาย").record, photo)
    centre = Restored(kit, outside)
    tally = kit.sync(transport=centre)
    assert (len(centre.uploads), tally.files) == (1, 1)


def test_a_row_with_a_receipt_from_before_a_restore_is_offered_again(kit: FieldKit, outside: Outside) -> None:
    kit.database.execute("INSERT INTO witness VALUES ('r', 'person', 12, '{}', 'an earlier one')")
    centre = Restored(kit, outside)
    tally = kit.sync(transport=centre)
    assert ([each.epoch for each in centre.witnessed], tally.witnesses) == ([EPOCH, SINCE], 1)


def test_a_receipt_from_before_a_restore_takes_no_sealed_part_away(kit: FieldKit, outside: Outside) -> None:
    kit.database.execute("INSERT INTO carried VALUES ('d1', x'00', ''), ('d2', x'01', '')")
    centre = Restored(kit, outside)
    kit.sync(transport=centre)
    assert (kit.database.rows("SELECT sha256 FROM carried"), len(centre.delivered)) == ([("d1",)], 2)


def test_a_sealed_part_that_another_sync_has_just_delivered_is_left_out(kit: FieldKit, outside: Outside) -> None:
    kit.database.execute("INSERT INTO carried VALUES ('d1', x'00', ''), ('d2', x'01', '')")

    class Quick(Centre):
        def deliver(self, sealed: bytes) -> None:
            super().deliver(sealed)
            kit.database.execute("DELETE FROM carried")

    centre = Quick()
    kit.sync(transport=centre)
    assert centre.delivered == [b"\x00"]
