"""The store under the protocol: exactly once, conflicts, scope, on both databases."""

from typing import Any

import pytest

from schemas.reference_number import mint
from server.ids import new_id
from sync.errors import DeviceForked, EpochChanged, SequenceGap
from sync.messages import Position
from tests.server.protocol_client import Centre, Phone


def case(phone: Phone, record: str | None = None, **data: Any) -> dict[str, Any]:
    """Return the create of a case in Mueang Phrae."""
    given = {
        "reference_number": mint(int(new_id().replace("-", ""), 16)),
        "received_on": "2026-11-20",
        "intake_channel": "hotline_1300",
        "intake_district": "5401",
        "area": "540101",
    }
    return phone.create("case", record, **{**given, **data})


def visit(phone: Phone, of: str, record: str | None = None, **data: Any) -> dict[str, Any]:
    """Return the create of a visit."""
    return phone.create("visit", record, case=of, **data)


def made_case(phone: Phone, **data: Any) -> str:
    """Push a new case and pull it; return its id."""
    new = case(phone, **data)
    phone.push([new])
    phone.pull()
    return str(new["record"])


def names(outcomes: Any) -> list[str]:
    return [outcome.outcome for outcome in outcomes]


def test_what_one_device_pushes_another_of_the_area_pulls(alice: Phone, bob: Phone) -> None:
    new = case(alice, summary="ไม่มีรายได้")
    seen = visit(alice, new["record"], narrative="พบที่บ้าน")
    assert names(alice.push([new, seen])) == ["applied", "applied"]
    bob.pull()
    assert bob.data(new["record"])["summary"] == "ไม่มีรายได้"
    assert bob.data(seen["record"])["narrative"] == "พบที่บ้าน"


def test_the_same_push_again_returns_the_recorded_outcomes_and_changes_nothing(alice: Phone, bob: Phone) -> None:
    request = alice.request([case(alice)], [case(alice)])
    first = alice.send(request)
    again = [alice.send(request) for _ in range(4)]
    assert all(reply.outcomes == first.outcomes for reply in again)
    assert len([row for row in bob.pull().rows.values() if row[0] == "case"]) == 2


def test_a_gap_is_refused_and_says_what_is_due(alice: Phone) -> None:
    alice.push([case(alice)])
    with pytest.raises(SequenceGap) as refused:
        alice.send(alice.request([case(alice)], after=Position(5, new_id())))
    assert refused.value.extra["last"]["seq"] == 1


def test_a_known_number_with_another_id_is_a_fork(alice: Phone) -> None:
    alice.push([case(alice)])
    with pytest.raises(DeviceForked):
        alice.send(alice.request([case(alice)], after=Position(0)))
    with pytest.raises(DeviceForked):
        alice.send(alice.request([case(alice)], after=Position(1, new_id())))


def test_another_epoch_is_told(alice: Phone) -> None:
    with pytest.raises(EpochChanged) as refused:
        alice.send(alice.request(epoch=new_id()))
    assert refused.value.extra["restored_to"] == 0


def test_a_resend_under_a_new_incarnation_applies_nothing_twice(alice: Phone, bob: Phone) -> None:
    groups = [[case(alice)], [case(alice)]]
    first = alice.push(*groups)
    alice.incarnation, alice.last = new_id(), Position(0)
    third = case(alice)
    again = alice.push(*groups, [third])
    assert again[:2] == first
    assert names(again) == ["applied"] * 3
    assert len([row for row in bob.pull().rows.values() if row[0] == "case"]) == 3


def test_an_id_that_another_device_used_is_refused(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    alice.push([new])
    [outcome] = bob.push([{**case(bob), "id": new["id"]}])
    assert (outcome.outcome, outcome.code) == ("rejected", "already_exists")


def test_two_devices_edit_different_fields_and_both_stay(alice: Phone, bob: Phone) -> None:
    record = made_case(alice, urgency="normal")
    bob.pull()
    base = bob.version(record)
    alice.push([alice.update("case", record, base, set={"urgency": ["normal", "urgent"]})])
    [outcome] = bob.push([bob.update("case", record, base, set={"status": [None, "in_progress"]})])
    assert outcome.outcome == "merged"
    assert bob.pull().data(record) | {"urgency": "urgent", "status": "in_progress"} == bob.data(record)
    assert bob.conflicts() == []


def test_the_same_field_twice_is_a_conflict_that_keeps_both(alice: Phone, bob: Phone) -> None:
    record = made_case(alice, severity="level_1")
    bob.pull()
    base = bob.version(record)
    alice.push([alice.update("case", record, base, set={"severity": ["level_1", "level_2"]})])
    [outcome] = bob.push([bob.update("case", record, base, set={"severity": ["level_1", "level_3"]})])
    assert outcome.outcome == "conflicted"
    assert alice.pull().data(record)["severity"] == "level_2"
    [conflict] = alice.conflicts()
    assert conflict["central_value"] == "level_2"
    assert [each["value"] for each in conflict["contenders"]] == ["level_3"]


def test_a_resolution_reaches_both_and_a_stale_one_is_refused(alice: Phone, bob: Phone) -> None:
    record = made_case(alice, severity="level_1")
    bob.pull()
    base = bob.version(record)
    alice.push([alice.update("case", record, base, set={"severity": ["level_1", "level_2"]})])
    [lost] = bob.push([bob.update("case", record, base, set={"severity": ["level_1", "level_3"]})])
    conflict = lost.conflicts[0].record
    alice.pull()
    seen = [each["mutation"] for each in alice.data(conflict)["contenders"]]
    decide = {"set": {"severity": ["level_2", "level_3"]}}
    blind = [{"conflict": conflict, "contenders": [], "reason": "ดูรูปแล้ว"}]
    [stale] = alice.push([alice.update("case", record, alice.version(record), **decide, resolves=blind)])
    assert (stale.outcome, stale.code) == ("rejected", "stale_resolution")
    informed = [{"conflict": conflict, "contenders": seen, "reason": "ดูรูปแล้ว"}]
    [good] = alice.push([alice.update("case", record, alice.version(record), **decide, resolves=informed)])
    assert good.outcome == "applied"
    for phone in (alice.pull(), bob.pull()):
        assert phone.data(record)["severity"] == "level_3"
        assert phone.data(conflict)["status"] == "resolved"
        assert phone.data(conflict)["resolution"]["reason"] == "ดูรูปแล้ว"


def test_age_24_and_26_status_merges_and_the_age_is_asked(alice: Phone, bob: Phone) -> None:
    person = alice.create("person", first_name="สมชาย", age_band="18_25")
    record = case(alice, affected_person=person["record"])
    alice.push([person, record])
    alice.pull()
    bob.pull()
    base, identifier = bob.version(person["record"]), person["record"]
    alice.push([alice.update("person", identifier, base, set={"age_band": ["18_25", "26_59"]})])
    chain = [
        [bob.update("person", identifier, base, set={"occupation": [None, "ทำนา"]})],
        [bob.update("person", identifier, base, set={"age_band": ["18_25", "60_over"]})],
    ]
    assert names(bob.push(*chain)) == ["merged", "conflicted"]
    assert bob.pull().data(identifier) | {"occupation": "ทำนา", "age_band": "26_59"} == bob.data(identifier)


def test_texts_are_joined_by_line_and_contested_only_where_they_overlap(alice: Phone, bob: Phone) -> None:
    record = made_case(alice, summary="บ้านทรุด\nไม่มีน้ำ\nมีหมา")
    bob.pull()
    base = bob.version(record)
    before = "บ้านทรุด\nไม่มีน้ำ\nมีหมา"
    alice.push([alice.update("case", record, base, set={"summary": [before, "บ้านทรุดหนัก\nไม่มีน้ำ\nมีหมา"]})])
    [joined] = bob.push([bob.update("case", record, base, set={"summary": [before, "บ้านทรุด\nไม่มีน้ำ\nมีหมาดุ"]})])
    assert joined.outcome == "merged"
    assert bob.pull().data(record)["summary"] == "บ้านทรุดหนัก\nไม่มีน้ำ\nมีหมาดุ"


def test_sets_take_both_sides_additions(alice: Phone, bob: Phone) -> None:
    record = made_case(alice, problems=["income_livelihood"])
    bob.pull()
    base = bob.version(record)
    alice.push([alice.update("case", record, base, add={"problems": ["violence"]})])
    bob.push(
        [bob.update("case", record, base, add={"problems": ["other"]}, remove={"problems": ["income_livelihood"]})]
    )
    assert bob.pull().data(record)["problems"] == ["other", "violence"]


def test_one_bad_record_among_many_is_refused_alone_and_kept(alice: Phone, bare_centre: Centre) -> None:
    groups = [[case(alice)] for _ in range(20)]
    groups[7][0]["data"]["urgency"] = "very"
    groups[8][0]["set"] = "not an object"
    outcomes = alice.push(*groups)
    assert [i for i, each in enumerate(outcomes) if each.outcome == "rejected"] == [7, 8]
    assert list(outcomes[7].errors) == ["urgency"]
    kept = bare_centre.store.unfinished()
    assert [row.id for row in kept] == [groups[7][0]["id"], groups[8][0]["id"]]
    assert '"very"' in kept[0].payload


def test_a_group_is_taken_whole_or_not_at_all(alice: Phone, bob: Phone) -> None:
    good, bad = case(alice), case(alice, urgency="very")
    outcomes = alice.push([good, bad])
    assert [(each.outcome, each.code) for each in outcomes] == [
        ("rejected", "group_rejected"),
        ("rejected", "validation_failed"),
    ]
    assert good["record"] not in bob.pull().rows


def test_a_visit_waits_for_its_case_and_is_let_go_by_it(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    early = visit(bob, new["record"], narrative="ไปถึงก่อน")
    [held] = bob.push([early])
    assert (held.outcome, held.waits_for) == ("held", new["record"])
    alice.push([new])
    assert bob.pull().data(early["record"])["narrative"] == "ไปถึงก่อน"
    assert alice.centre.store.unfinished() == []


def test_a_case_that_moves_leaves_the_old_team_with_all_it_carries(bare_centre: Centre, alice: Phone) -> None:
    team_a, team_b = new_id(), new_id()
    day, night = bare_centre.enrol("rru_member", f"team:{team_a}"), bare_centre.enrol("rru_member", f"team:{team_b}")
    person = alice.create("person", first_name="มะลิ")
    new = case(alice, team=team_a, affected_person=person["record"])
    seen = visit(alice, new["record"], narrative="เยี่ยมแล้ว")
    photo = alice.create("attachment", owner_record=seen["record"], sha256="a" * 64, size=1, media_type="image/jpeg")
    alice.push([person, new, seen, photo])
    everything = {each["record"] for each in (person, new, seen, photo)}
    assert everything <= day.pull().rows.keys()
    alice.pull()
    base = alice.version(new["record"])
    alice.push([alice.update("case", new["record"], base, set={"team": [team_a, team_b]})])
    assert not everything & day.pull().rows.keys()
    assert everything <= night.pull().rows.keys()


def test_an_edit_of_a_record_that_left_scope_is_kept_for_its_new_owner(bare_centre: Centre, alice: Phone) -> None:
    team_a, team_b = new_id(), new_id()
    day = bare_centre.enrol("rru_member", f"team:{team_a}")
    new = case(alice, team=team_a)
    alice.push([new])
    base = day.pull().version(new["record"])
    alice.push([alice.update("case", new["record"], base, set={"team": [team_a, team_b]})])
    [outcome] = day.push([day.update("case", new["record"], base, set={"urgency": [None, "urgent"]})])
    assert outcome.outcome == "conflicted"
    assert new["record"] not in day.pull().rows
    [conflict] = alice.pull().conflicts()
    assert [each["value"] for each in conflict["contenders"]] == ["urgent"]


def test_a_stranger_learns_nothing_of_a_record_by_its_id(bare_centre: Centre, alice: Phone) -> None:
    record = made_case(alice)
    charlie = bare_centre.enrol("social_worker", "province:83", districts=("8301",))
    [outcome] = charlie.push([charlie.update("case", record, 10**6, set={"urgency": [None, "urgent"]})])
    assert (outcome.outcome, outcome.code, outcome.conflicts) == ("rejected", "not_permitted", [])
    assert alice.pull().conflicts() == []


def test_naming_a_person_by_id_does_not_open_them(bare_centre: Centre, alice: Phone) -> None:
    person = alice.create("person", first_name="มะลิ")
    alice.push([person, case(alice, affected_person=person["record"])])
    charlie = bare_centre.enrol("social_worker", "province:83", districts=("8301",))
    there = case(charlie, area="830101", intake_district="8301", affected_person=person["record"])
    assert names(charlie.push([there])) == ["applied"]
    assert person["record"] not in charlie.pull().rows


def test_a_volunteer_of_the_village_sees_only_what_is_normal(bare_centre: Centre, alice: Phone) -> None:
    volunteer = bare_centre.enrol("volunteer", "village:54010103")
    record = made_case(alice, area="54010103", summary="ความลับ", reporter_name="ผู้แจ้ง", danger_notes="มีสุนัข")
    seen = volunteer.pull().data(record)
    assert "summary" not in seen
    assert "reporter_name" not in seen
    assert seen["danger_notes"] == "มีสุนัข"


def test_a_field_that_the_device_may_not_see_cannot_be_edited(alice: Phone, bob: Phone) -> None:
    record = made_case(alice)
    base = bob.pull().version(record)
    [outcome] = bob.push([bob.update("case", record, base, set={"reporter_name": [None, "ใครสักคน"]})])
    assert (outcome.code, list(outcome.errors)) == ("not_permitted", ["reporter_name"])


def test_a_delete_over_a_change_unseen_is_asked_and_an_edit_does_not_revive(alice: Phone, bob: Phone) -> None:
    record = made_case(alice)
    bob.pull()
    base = bob.version(record)
    alice.push([alice.update("case", record, base, set={"urgency": [None, "urgent"]})])
    assert names(bob.push([bob.delete("case", record, base)])) == ["conflicted"]
    assert record in bob.pull().rows
    assert names(alice.push([alice.delete("case", record, alice.pull().version(record))])) == ["applied"]
    [late] = bob.push([bob.update("case", record, bob.version(record), set={"urgency": ["urgent", "normal"]})])
    assert late.outcome == "conflicted"
    assert record not in alice.pull().rows


def test_a_commit_larger_than_a_page_is_resumed_inside_it(alice: Phone, bob: Phone) -> None:
    alice.push(*[[case(alice)] for _ in range(30)])
    bob.pull(rows=7)
    assert len([row for row in bob.rows.values() if row[0] == "case"]) == 30


def test_a_record_that_two_buckets_bring_at_different_places_comes_once_on_a_page(alice: Phone) -> None:
    somchai = alice.create("person", first_name="สมชาย")
    of_him = case(alice, affected_person=somchai["record"])
    alice.push([somchai, of_him])
    base = alice.pull().version(of_him["record"])
    alice.push([alice.update("case", of_him["record"], base, set={"area": ["540101", "540201"]})])
    alice.checkpoint = {}

    alice.pull_page()

    assert alice.last_pull
    sent = [row[0] for table in alice.last_pull.tables for row in table.put]
    assert sorted(sent) == sorted({somchai["record"], of_him["record"]})


def test_a_grant_that_ended_takes_its_bucket_from_the_device(bare_centre: Centre, alice: Phone) -> None:
    from sqlalchemy import update

    from server.models.engine import writing
    from server.models.sync_tables import bucket_grant
    from server.store.clock import take

    record = made_case(alice)
    with writing(bare_centre.store.engine) as connection:
        connection.execute(
            update(bucket_grant).where(bucket_grant.c.user == alice.author.user).values(until=take(connection))
        )
    assert record not in alice.pull().rows


def test_a_push_of_500_costs_as_many_statements_as_a_push_of_5(bare_centre: Centre, alice: Phone) -> None:
    from sqlalchemy import event

    def statements(count: int) -> int:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(bare_centre.store.engine, "before_cursor_execute", note)
        alice.push(*[[visit(alice, record, narrative=f"ครั้งที่ {n}")] for n in range(count)])
        event.remove(bare_centre.store.engine, "before_cursor_execute", note)
        return len(seen)

    record = made_case(alice)
    statements(1)
    assert statements(5) == statements(500) <= 30


def test_a_volunteer_gets_nothing_sensitive_that_staff_write_about_their_request(
    bare_centre: Centre, alice: Phone
) -> None:
    volunteer = bare_centre.enrol("volunteer", "village:54010103")
    person = volunteer.create("person", first_name="มะลิ", health_notes="เบาหวาน")
    request = volunteer.create(
        "help_request",
        reference_number=mint(int(new_id().replace("-", ""), 16)),
        area="54010103",
        applicant=person["record"],
        hardship_note="ไม่มีข้าว",
    )
    volunteer.push([person, request])
    alice.pull()
    staff_visit = alice.create("visit", case=request["record"], narrative="บันทึกของเจ้าหน้าที่")
    before, base = alice.data(person["record"])["health_notes"], alice.version(person["record"])
    edit = {"health_notes": [before, "ติดเชื้อ"], "first_name": ["มะลิ", "มาลี"]}
    assert names(alice.push([staff_visit], [alice.update("person", person["record"], base, set=edit)])) == [
        "applied",
        "applied",
    ]
    volunteer.pull()
    assert staff_visit["record"] not in volunteer.rows
    assert volunteer.data(person["record"]) == {"first_name": "มาลี"}
    assert volunteer.data(request["record"])["hardship_note"] == "ไม่มีข้าว"
    version = volunteer.version(person["record"])
    over = {"health_notes": [None, "หายแล้ว"]}
    [blind] = volunteer.push([volunteer.update("person", person["record"], version, set=over)])
    assert (blind.outcome, blind.code) == ("rejected", "not_permitted")


def test_a_conflict_shows_a_volunteer_no_sensitive_value_of_staff(bare_centre: Centre, alice: Phone) -> None:
    volunteer = bare_centre.enrol("volunteer", "village:54010103")
    person = volunteer.create("person", first_name="มะลิ", disability_since="2020-01-01")
    request = volunteer.create(
        "help_request",
        reference_number=mint(int(new_id().replace("-", ""), 16)),
        area="54010103",
        applicant=person["record"],
    )
    volunteer.push([person, request])
    base = alice.pull().version(person["record"])
    day = ["2020-01-01", "2021-01-01"]
    alice.push([alice.update("person", person["record"], base, set={"disability_since": day})])
    late = ["2020-01-01", "2022-01-01"]
    [lost] = volunteer.push([volunteer.update("person", person["record"], base, set={"disability_since": late})])
    shown = volunteer.pull().data(lost.conflicts[0].record)
    assert shown["status"] == "open"
    assert not {"central_value", "contenders", "base_value"} & shown.keys()
    assert "2021-01-01" in alice.pull().data(lost.conflicts[0].record)["central_value"]


def test_a_duty_team_cannot_take_a_case_to_see_all_of_it(bare_centre: Centre, alice: Phone) -> None:
    day = bare_centre.enrol("rru_member", "district:5401")
    record = made_case(alice, reporter_name="ผู้แจ้ง")
    base = day.pull().version(record)
    edit = {"assigned_to": [None, day.author.user]}
    [outcome] = day.push([day.update("case", record, base, set=edit)])
    assert (outcome.code, list(outcome.errors)) == ("not_permitted", ["assigned_to"])
    assert "reporter_name" not in day.pull().data(record)


def test_a_tambon_centre_holds_its_tambon_and_not_the_next(bare_centre: Centre, alice: Phone) -> None:
    tambon = bare_centre.enrol("tambon_centre", "tambon:540101")
    here, there = made_case(alice, area="54010103"), made_case(alice, area="540102")
    assert here in tambon.pull().rows
    assert there not in tambon.rows


def test_what_a_photo_is_made_of_does_not_change(alice: Phone) -> None:
    seen = visit(alice, made_case(alice))
    photo = alice.create("attachment", owner_record=seen["record"], sha256="a" * 64, size=1, media_type="image/jpeg")
    alice.push([seen, photo])
    version = alice.pull().version(photo["record"])
    [outcome] = alice.push([alice.update("attachment", photo["record"], version, set={"sha256": ["a" * 64, "b" * 64]})])
    assert (outcome.outcome, outcome.errors) == ("rejected", {"sha256": [{"code": "fixed"}]})
