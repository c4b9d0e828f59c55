"""What staff did about a refused edit is said beside it, also after a recovery, and only while it is of use."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from field_kit import FieldKit
from sync.errors import DeviceForked
from sync.messages import PullReply, Put
from tests.field_kit.centre import Centre, answered, page, sent, table
from tests.field_kit.device import CASE, SERVER_TIME, USER

BUCKET = f"user:{USER}"
REFUSAL = {"area": [{"code": "unknown_area"}]}


@pytest.fixture
def refused(kit: FieldKit) -> str:
    """Give a case whose creation the centre refused."""
    case = kit.create("case", CASE).record
    kit.sync(transport=Centre(pushes=[refusing]))
    return case


def refusing(request: Any) -> Any:
    return answered(request, outcome="rejected", code="validation_failed", errors=REFUSAL)


def notice(kit: FieldKit, number: int, kind: str, code: str, **detail: Any) -> PullReply:
    """Return the page that brings a notice about the first edit of the log."""
    about = kit.outbox(everything=True)[0].mutation
    fields = ["user", "mutation", "record", "kind", "code", "at", "detail"]
    values = [USER, about.id, about.record, kind, code, SERVER_TIME, detail]
    put: Put = (f"01a00000-0000-7000-8000-00000000000{number}", 6 + number, [BUCKET], values)
    return page({BUCKET: (9, None)}, table("notice", fields, put), add=[BUCKET], commit=9)


RETURNED = {"errors": {"area": [{"code": "returned", "text": "หมู่ไหน"}]}, "reason": "ขอดูใหม่"}


def said(kit: FieldKit, number: int = 0) -> tuple[str | None, str | None, dict[str, Any]]:
    entry = kit.outbox(everything=True)[number]
    return entry.outcome, entry.code, dict(entry.detail)


def test_what_is_returned_says_which_fields_and_why(kit: FieldKit, refused: str) -> None:
    kit.sync(transport=Centre(pulls=[notice(kit, 1, "returned", "returned", **RETURNED)]))
    assert said(kit) == ("rejected", "returned", RETURNED)
    assert (kit.status().returned, kit.status().rejected) == (1, 0)
    assert [entry.mutation.record for entry in kit.refused(refused)] == [refused]


def test_a_correction_of_what_was_returned_takes_its_place(kit: FieldKit, refused: str) -> None:
    kit.sync(transport=Centre(pulls=[notice(kit, 1, "returned", "returned", **RETURNED)]))
    kit.update(refused, area="540102")
    assert [entry.outcome for entry in kit.outbox()] == [None]
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, commit=10)]))
    assert (kit.status().returned, list(kit.refused(refused))) == (0, [])


def test_what_staff_applied_is_no_longer_refused_and_says_so_until_it_is_read(kit: FieldKit, refused: str) -> None:
    told = notice(kit, 1, "corrected", "applied", fields=["area"], reason="ถามมาแล้ว")
    kit.sync(transport=Centre(pulls=[told]))
    assert said(kit) == ("applied", "corrected", {"fields": ["area"], "reason": "ถามมาแล้ว"})
    assert [entry.code for entry in kit.outbox()] == ["corrected"]
    kit.database.execute("UPDATE record SET data = json_set(data, '$.read', json('true'))")
    assert list(kit.outbox()) == []


def test_what_staff_will_not_use_keeps_what_was_written(kit: FieldKit, refused: str) -> None:
    kit.sync(transport=Centre(pulls=[notice(kit, 1, "dismissed", "dismissed", reason="ซ้ำกับอีกเรื่อง")]))
    assert said(kit) == ("rejected", "dismissed", {"reason": "ซ้ำกับอีกเรื่อง"})
    assert kit.status().rejected == 0
    assert kit.outbox()[0].mutation.data["intake_district"] == "5401"


def test_what_was_told_is_still_said_after_everything_was_sent_again(kit: FieldKit, refused: str) -> None:
    kit.sync(transport=Centre(pulls=[notice(kit, 1, "returned", "returned", **RETURNED)]))
    kit.create("person", first_name="สมชาย")
    forked = DeviceForked(last={"seq": 1, "id": None})
    kit.sync(transport=Centre(pushes=[forked, lambda request: refusing(request)]))
    assert said(kit) == ("rejected", "returned", RETURNED)


def test_a_photo_saved_with_what_staff_applied_goes_up(kit: FieldKit, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"photo")
    attachment = kit.attach("01a00000-0000-7000-8000-00000000cccc", photo).record
    kit.sync(transport=Centre(pushes=[refusing]))
    centre = Centre(pulls=[notice(kit, 1, "corrected", "applied", reason="x")])
    kit.sync(transport=centre)
    assert [upload.attachment for upload in centre.uploads] == [attachment]


def test_what_was_refused_together_goes_again_with_the_correction(kit: FieldKit, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"photo")
    with kit.save() as save:
        case = save.create("case", CASE)
        attachment = save.attach(case, photo, kind="house_outside")

    def refuse(request: Any) -> Any:
        reply = refusing(request)
        first, second = reply.outcomes
        mate = msgspec.structs.replace(second, code="group_rejected", errors={})
        return msgspec.structs.replace(reply, outcomes=[first, mate])

    kit.sync(transport=Centre(pushes=[refuse]))
    assert kit.status().rejected == 2
    kit.update(case, area="540102")
    assert [entry.outcome for entry in kit.outbox()] == [None, None]
    centre = Centre()
    kit.sync(transport=centre)
    [group] = sent(centre.pushed[0])
    assert [(made.record, made.op) for made in group] == [(case, "create"), (attachment, "create")]
    assert group[1].data["kind"] == "house_outside"
    assert [upload.attachment for upload in centre.uploads] == [attachment]
    assert list(kit.outbox()) == []
