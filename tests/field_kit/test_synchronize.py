"""The loop under everything a link and a program can do to it."""

from datetime import timedelta

import pytest

from field_kit import FieldKit, pages
from field_kit.errors import DeviceCancelled, Offline, TimedOut, Unreachable
from field_kit.identity import read_identity
from field_kit.pages import read_checkpoint
from field_kit.recovery import recover
from field_kit.session import Session
from field_kit.synchronize import synchronize
from sync.errors import (
    ClientTooOld,
    DeviceForked,
    DeviceRevoked,
    EpochChanged,
    PayloadTooLarge,
    SequenceGap,
    ServerBusy,
    TooManyRequests,
)
from tests.field_kit.centre import Centre, answered, flat, page, sent, sums, table
from tests.field_kit.device import CASE, DISTRICT, EPOCH, Crash, dying, log_of, seen

FIELDS = ["first_name", "last_name"]


def test_an_edit_leaves_the_overlay_only_with_its_outcome_and_a_complete_pull(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย").record
    kit_states = [log_of(kit, "state")]

    def not_there_yet(request):
        kit_states.append(log_of(kit, "state"))
        return page({DISTRICT: (4, "x")}, complete=False, add=[DISTRICT])

    def too_early(request):
        kit_states.append(log_of(kit, "state"))
        return page({DISTRICT: (4, None)}, commit=4)

    kit.sync(transport=Centre(pulls=[not_there_yet, too_early]))
    shown_between = seen(kit, person)
    row = (person, 5, [DISTRICT], ["สมชาย", "ใจดี"])
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (5, None)}, table("person", FIELDS, row))]))

    assert kit_states == [[("pending",)], [("answered",)], [("answered",)]]
    assert (shown_between.data, shown_between.unsent, shown_between.awaiting) == ({"first_name": "สมชาย"}, False, True)
    assert log_of(kit, "state", "outcome", "commit_number") == [("settled", "applied", 5)]
    assert seen(kit, person).data == {"first_name": "สมชาย", "last_name": "ใจดี"}


def test_a_pull_that_shows_the_record_does_not_replace_a_missing_outcome(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย").record
    row = (person, 5, [DISTRICT], ["คนอื่น", None])
    lost = Centre(pushes=[Unreachable()] * 6)
    with pytest.raises(Unreachable):
        kit.sync(transport=lost)

    pages.apply_page(
        kit.database, read_checkpoint(kit.database), page({DISTRICT: (5, None)}, table("person", FIELDS, row)), "x"
    )

    assert seen(kit, person).data == {"first_name": "สมชาย"}
    assert log_of(kit, "state") == [("pending",)]


def test_a_lost_reply_means_the_same_numbers_and_ids_again(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")
    kit.create("person", first_name="สมหญิง")
    centre = Centre(pushes=[Unreachable(), Unreachable()])

    kit.sync(transport=centre)

    places = [[(m.seq, m.id) for m in flat(push)] for push in centre.pushed]
    assert places[0] == places[1] == places[2]
    assert centre.pushed[0].incarnation == centre.pushed[2].incarnation


def test_a_crash_before_the_reply_means_the_same_numbers_and_ids_again(kit: FieldKit, another_process) -> None:
    kit.create("person", first_name="สมชาย")
    dead = Centre(pushes=[Crash()])
    with pytest.raises(Crash):
        kit.sync(transport=dead)
    kit.close()

    alive, centre = another_process(), Centre()
    alive.create("person", first_name="สมหญิง")
    alive.sync(transport=centre)

    assert [(m.seq, m.id) for m in flat(dead.pushed[0])] == [(m.seq, m.id) for m in flat(centre.pushed[0])][:1]
    assert [m.seq for m in flat(centre.pushed[0])] == [1, 2]


def test_typing_while_a_push_is_in_flight_is_safe(kit: FieldKit, another_process) -> None:
    typist = another_process()
    case = kit.create("case", CASE, status="received").record

    def type_meanwhile(request):
        typist.update(case, status="assigned")
        typist.create("person", first_name="สมหญิง")
        return answered(request)

    centre = Centre(pushes=[type_meanwhile], pulls=[lambda request: page({}, commit=4)])
    kit.sync(transport=centre)

    assert [[m.seq for m in flat(push)] for push in centre.pushed] == [[1], [2, 3]]
    assert flat(centre.pushed[1])[0].base == 0
    assert seen(kit, case).data["status"] == "assigned"


def test_typing_while_a_page_is_fetched_keeps_what_was_seen(kit: FieldKit, another_process, outside) -> None:
    person, typist = outside.new_id(), another_process()
    kit.sync(
        transport=Centre(
            pulls=[page({DISTRICT: (5, None)}, table("person", FIELDS, (person, 5, [DISTRICT], ["ก", None])))]
        )
    )

    def type_meanwhile(request):
        typist.update(person, last_name="ใจดี")
        return page({DISTRICT: (6, None)}, table("person", FIELDS, (person, 6, [DISTRICT], ["ข", None])), commit=6)

    kit.sync(transport=Centre(pulls=[type_meanwhile]))

    assert seen(kit, person).data == {"first_name": "ข", "last_name": "ใจดี"}
    assert log_of(kit, "base") == [(5,)]


def test_wherever_the_program_dies_in_a_sync_the_next_one_finishes_the_work(kit: FieldKit, outside) -> None:
    with kit.save() as save:
        save.create("emergency", causes=["threat_or_assault"], area="5401")
        person = save.create("person", first_name="สมชาย")
        save.create("case", CASE, affected_person=person)
    ids, deaths = log_of(kit, "lane", "seq", "id"), 0
    row = (outside.new_id(), 5, [DISTRICT], ["สมหญิง", None])
    answers: dict[str, str] = {}

    def remembered(request):
        for mutation in flat(request):
            assert answers.setdefault(f"{request.lane}{mutation.seq}", mutation.id) == mutation.id
        return answered(request)

    def all_of_it(request):
        rows = table("person", FIELDS, row) if not request.checkpoint else table("person", [])
        return page({DISTRICT: (5, None)}, rows)

    while True:
        revive = dying(kit, deaths)
        try:
            kit.sync(transport=Centre(pushes=[remembered] * 9, pulls=[all_of_it] * 9))
        except Crash:
            revive()
            if kit.database.connection.in_transaction:
                kit.database.connection.execute("ROLLBACK")
            assert log_of(kit, "lane", "seq", "id") == ids
            deaths += 1
        else:
            revive()
            break

    assert deaths > 20
    assert set(log_of(kit, "state", "outcome")) == {("settled", "applied")}
    assert (kit.get(row[0]) is not None, all(f.ok for f in kit.doctor() if f.code == "buckets_equal")) == (True, True)


def test_a_push_too_large_is_halved_and_groups_stay_whole(kit: FieldKit) -> None:
    for _ in range(2):
        with kit.save() as save:
            for _ in range(3):
                save.create("person", first_name="สมชาย")

    centre = Centre(pushes=[PayloadTooLarge()])
    kit.sync(transport=centre)

    assert [len(group) for group in sent(centre.pushed[0])] == [3, 3]
    assert [[len(group) for group in sent(push)] for push in centre.pushed[1:]] == [[3], [3]]


def test_a_push_that_takes_too_long_is_halved(kit: FieldKit) -> None:
    for _ in range(4):
        kit.create("person", first_name="สมชาย")

    centre = Centre(pushes=[TimedOut()] * 2)
    kit.sync(transport=centre)

    assert [len(flat(push)) for push in centre.pushed] == [4, 2, 1, 2, 1]


@pytest.mark.parametrize("error", [TooManyRequests(retry_after_ms=7_000), ServerBusy(retry_after_ms=7_000)])
def test_the_centre_may_ask_for_patience(kit: FieldKit, outside, error) -> None:
    kit.create("person", first_name="สมชาย")

    kit.sync(transport=Centre(pushes=[error]))

    assert outside.waits == [7.25]


def test_without_signal_the_officer_hears_soon_and_loses_nothing(kit: FieldKit, outside) -> None:
    kit.create("person", first_name="สมชาย")

    with pytest.raises(Offline):
        kit.sync(transport=Centre(pushes=[Offline()] * 9))

    assert outside.waits == [0.25, 0.5]
    assert kit.status().waiting == 1


@pytest.mark.parametrize("reason", [SequenceGap(), DeviceForked()])
def test_one_recovery_sends_the_whole_log_again_under_its_ids(kit: FieldKit, reason) -> None:
    kit.create("emergency", causes=["threat_or_assault"], area="5401")
    kit.create("person", first_name="สมชาย")
    kit.sync(transport=Centre())
    kit.create("person", first_name="สมหญิง")
    before, ids = read_identity(kit.database).incarnation, log_of(kit, "id", "lane")
    centre = Centre(pushes=[reason])

    tally = kit.sync(transport=centre)

    assert tally.recoveries == [reason.code]
    assert read_identity(kit.database).incarnation != before
    assert log_of(kit, "id", "lane") == ids
    assert [[(m.seq, m.id, push.lane) for m in flat(push)] for push in centre.pushed[1:]] == [
        [(1, ids[0][0], "urgent")],
        [(1, ids[1][0], "normal"), (2, ids[2][0], "normal")],
    ]
    assert all(push.after.seq == 0 for push in centre.pushed[1:])


def test_a_late_answer_to_an_earlier_incarnation_settles_nothing(kit: FieldKit, another_process) -> None:
    kit.create("person", first_name="สมชาย")
    other = another_process()

    def recovered_meanwhile(request):
        recover(other.database, DeviceForked(), other.surroundings)
        return answered(request)

    centre = Centre(pushes=[recovered_meanwhile])
    kit.sync(transport=centre)

    assert len(centre.pushed) == 2
    assert centre.pushed[0].incarnation != centre.pushed[1].incarnation


@pytest.mark.parametrize(
    "late", [EpochChanged(epoch=EPOCH[:-1] + "2", restored_to=100), SequenceGap(), DeviceForked()], ids=lambda e: e.code
)
def test_a_refusal_from_before_another_syncs_recovery_undoes_nothing(
    kit: FieldKit, another_process, outside, late
) -> None:
    kit.create("person", first_name="สมชาย")
    other, kept = another_process(), {}
    restored = EpochChanged(epoch=EPOCH[:-1] + "3", restored_to=100)
    person = table("person", FIELDS, (outside.new_id(), 103, [DISTRICT], ["สมหญิง", None]))

    def restored_meanwhile(request):
        recovering = Centre(pushes=[restored], pulls=[page({DISTRICT: (105, None)}, person, commit=105)])
        other.sync(transport=recovering)
        kept["before"] = (other.identity.epoch, other.identity.incarnation, log_of(other, "seq", "state", "unanswered"))
        raise late

    centre = Centre(pushes=[restored_meanwhile])
    tally = kit.sync(transport=centre)

    known = kit.identity
    assert (known.epoch, known.incarnation, log_of(kit, "seq", "state", "unanswered")) == kept["before"]
    assert kept["before"][2] == [(1, "settled", 0)]
    assert (kit.database.rows("SELECT version FROM record"), centre.witnessed) == ([(103,)], [])
    assert (tally.recoveries, tally.complete) == ([], True)


def test_a_new_epoch_lowers_cursors_and_bases_and_offers_newer_rows_as_witnesses(kit: FieldKit, outside) -> None:
    old, new = outside.new_id(), outside.new_id()
    rows = table("person", FIELDS, (old, 90, [DISTRICT], ["เก่า", None]), (new, 110, [DISTRICT], ["ใหม่", None]))
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (110, None)}, rows, commit=110)]))
    kit.update(new, last_name="ใจดี")
    epoch = "01a00000-0000-7000-8000-00000000eee2"
    centre = Centre(pushes=[EpochChanged(epoch=epoch, restored_to=100)])

    kit.sync(transport=centre)

    assert (centre.pushed[1].epoch, flat(centre.pushed[1])[0].base) == (epoch, 100)
    assert centre.pulled[0].checkpoint == {DISTRICT: (100, None)}
    assert [(row.record, row.version) for row in centre.witnessed[0].witnesses] == [(new, 110)]
    assert [kit.get(record) is not None for record in (old, new)] == [True, False]
    assert all(finding.ok for finding in kit.doctor() if finding.code == "buckets_equal")


def test_a_centre_that_refuses_every_incarnation_is_not_asked_for_ever(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")

    with pytest.raises(DeviceForked):
        kit.sync(transport=Centre(pushes=[DeviceForked()] * 9))

    assert kit.status().waiting == 1


def test_a_cancelled_device_stops_and_is_told_why(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")
    centre = Centre(pushes=[DeviceRevoked(order="lost")])

    with pytest.raises(DeviceCancelled) as cancelled:
        synchronize(Session(kit.database, centre, kit.surroundings))

    assert (cancelled.value.facts["order"], len(centre.pushed)) == ("lost", 1)
    assert (kit.status().waiting, kit.status().cancelled) == (1, "lost")


def test_another_refusal_stops_the_sync_and_keeps_the_work(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")

    with pytest.raises(ClientTooOld):
        kit.sync(transport=Centre(pushes=[ClientTooOld()]))

    assert kit.status().waiting == 1


def test_a_bucket_whose_sum_differs_is_fetched_again_from_its_beginning(kit: FieldKit, outside) -> None:
    person, ghost = outside.new_id(), outside.new_id()
    row = (person, 5, [DISTRICT], ["สมชาย", None])
    both = table("person", FIELDS, row, (ghost, 4, [DISTRICT], ["ผี", None]))
    right = sums(5, DISTRICT, (person, 5))
    centre = Centre(
        pulls=[
            page({DISTRICT: (5, None)}, both, checksums=right),
            page({DISTRICT: (5, None)}, table("person", FIELDS, row), checksums=right),
        ]
    )

    tally = kit.sync(transport=centre)

    assert [request.checkpoint for request in centre.pulled] == [{}, {DISTRICT: (0, None)}]
    assert (tally.mismatched, tally.complete) == ([DISTRICT], True)
    assert [kit.get(record) is not None for record in (person, ghost)] == [True, False]


def test_a_sum_that_never_agrees_is_reported_and_ends(kit: FieldKit) -> None:
    wrong = {DISTRICT: (5, 1, "ffffffffffffffff")}
    centre = Centre(pulls=[page({DISTRICT: (5, None)}, checksums=wrong) for _ in range(3)])

    assert kit.sync(transport=centre).mismatched == [DISTRICT]
    assert len(centre.pulled) == 2


def test_a_reply_to_a_checkpoint_that_moved_is_discarded_and_asked_again(
    kit: FieldKit, another_process, outside
) -> None:
    other, person = another_process(), outside.new_id()

    def overtaken(request):
        other.sync(transport=Centre(pulls=[page({DISTRICT: (7, None)}, commit=7, add=[DISTRICT])]))
        return page({DISTRICT: (5, None)}, table("person", FIELDS, (person, 5, [DISTRICT], ["เก่า", None])))

    centre = Centre(pulls=[overtaken])
    kit.sync(transport=centre)

    assert kit.get(person) is None
    assert read_checkpoint(kit.database) == {DISTRICT: (7, None)}


def test_what_waits_for_another_record_is_shown_as_waiting(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")

    kit.sync(transport=Centre(pushes=[lambda request: answered(request, outcome="held", waits_for=DISTRICT)]))

    assert [(entry.outcome, entry.detail) for entry in kit.outbox()] == [("held", {"waits_for": DISTRICT})]


def test_a_notice_tells_what_became_of_what_waited(kit: FieldKit, outside) -> None:
    kit.create("person", first_name="สมชาย")
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, outcome="held", waits_for=DISTRICT)]))
    [(mutation,)] = log_of(kit, "id")
    fields = ["kind", "code", "mutation", "user"]
    notice = (outside.new_id(), 9, [DISTRICT], ["released", "applied", mutation, "x"])

    kit.sync(transport=Centre(pulls=[page({DISTRICT: (9, None)}, table("notice", fields, notice))]))

    assert log_of(kit, "outcome, code, detail") == [("applied", None, "{}")]
    assert kit.outbox() == []


def test_a_notice_tells_why_what_waited_was_refused(kit: FieldKit, outside) -> None:
    kit.create("person", first_name="สมชาย")
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, outcome="held", waits_for=DISTRICT)]))
    [(mutation,)] = log_of(kit, "id")
    fields = ["kind", "code", "detail", "mutation", "user"]
    errors = {"sex": [{"code": "unknown_code"}]}
    detail = {"code": "validation_failed", "errors": errors}
    notice = (outside.new_id(), 9, [DISTRICT], ["released", "rejected", detail, mutation, "x"])

    kit.sync(transport=Centre(pulls=[page({DISTRICT: (9, None)}, table("notice", fields, notice))]))

    [entry] = kit.outbox()
    assert (entry.outcome, entry.code, entry.detail) == ("rejected", "validation_failed", {"errors": errors})


def test_safe_through_is_asked_once_a_day_when_nothing_is_sent(kit: FieldKit, outside) -> None:
    kit.create("person", first_name="สมชาย")
    kit.sync(transport=Centre())
    centre = Centre()

    kit.sync(transport=centre)
    outside.clock += timedelta(days=1)
    kit.sync(transport=centre)
    kit.sync(transport=centre)

    assert [(push.groups, push.after.seq) for push in centre.pushed] == [([], 1)]


def test_progress_is_told_in_real_counts(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")
    told = []

    kit.sync(lambda *step: told.append(step), transport=Centre())

    assert told == [("push", 1, 1), ("pull", 0, 0)]
