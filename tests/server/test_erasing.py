"""What was erased on its subject's demand is gone: from records, ledger and feed, and nothing brings it back."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from server import erasure
from server.audit import verify_ledger
from server.blobs import Blobs
from server.ids import new_id
from server.models.engine import reading, writing
from server.models.quarantine import delivery, settlement
from server.models.sync_tables import bucket as bucket_table
from server.models.sync_tables import bucket_entry, mutation, record
from server.models.upkeep import erasure as erasure_table
from server.models.upkeep import kept_apart, match_key
from server.quarantine import deposit
from server.store.unfinished import unfinished
from sync.messages import Position
from tests.conftest import migrate
from tests.server.protocol_client import Centre, Phone, open_store
from tests.server.test_store import case, names, visit

NAME = "สมหญิง ใจกล้า"


class Office:
    """A centre as erasing needs it: a store, files, and a register that is a list."""

    def __init__(self, centre: Centre, folder: Path) -> None:
        self.centre = centre
        self.engine = centre.store.engine
        self.blobs = Blobs(folder)
        self.register = self
        self.entries: list[dict[str, Any]] = []

    def append(self, kind: str, **facts: Any) -> None:
        assert kind == "erasure"
        self.entries.append(json.loads(json.dumps(facts)))

    def erase(self, identifier: str, **more: Any) -> erasure.Erased:
        return erasure.erase(self, identifier, by="boss", reason="subject_request", now=self.centre.now, **more)  # type: ignore[arg-type]

    def rows(self, query: Any) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(query).all())


@pytest.fixture
def office(bare_centre: Centre, tmp_path: Path) -> Office:
    return Office(bare_centre, tmp_path)


def person(phone: Phone, **data: Any) -> dict[str, Any]:
    return phone.create("person", first_name=NAME, **data)


def photo(phone: Phone, of: str, name: str = "หน้า สมหญิง.jpg", digest: str = "a" * 64) -> dict[str, Any]:
    return phone.create("attachment", owner_record=of, sha256=digest, size=3, media_type="image/jpeg", name=name)


def filed(phone: Phone) -> tuple[str, str, str]:
    """File a case with its affected person and a photo of them; return the three ids."""
    who = person(phone)
    of = case(phone, affected_person=who["record"])
    seen = photo(phone, who["record"])
    assert names(phone.push([who, of, seen])) == ["applied"] * 3
    phone.pull()
    return who["record"], of["record"], seen["record"]


def kept_text(office: Office) -> str:
    """Return everything that the centre's tables say, as one text."""
    found = []
    with reading(office.engine) as connection:
        for table in (record, mutation, bucket_entry, erasure_table, match_key):
            found += [str(tuple(row)) for row in connection.execute(select(table))]
    return "\n".join(found)


def chain_holds(office: Office) -> bool:
    """Tell whether the audit finds the ledger whole, and every missing payload explained by an erasure."""
    with reading(office.engine) as connection:
        return verify_ledger(connection).broken is None


def test_a_person_goes_with_their_photo_and_the_case_stays(office: Office, alice: Phone) -> None:
    who, of, seen = filed(alice)
    done = office.erase(who)
    assert {each.id for each in done.traces} == {who, seen}
    assert NAME not in kept_text(office)
    assert "หน้า สมหญิง" not in kept_text(office)
    alice.pull()
    assert (who in alice.rows, seen in alice.rows) == (False, False)
    assert alice.data(of)["affected_person"] == who


def test_the_ledger_says_who_erased_what_and_its_chain_still_holds(office: Office, alice: Phone) -> None:
    who, _, seen = filed(alice)
    office.erase(who)
    rows = office.rows(select(mutation).where(mutation.c.record.in_([who, seen])).order_by(mutation.c.commit_number))
    assert [(row.op, row.record, row.payload is None, row.salt is None) for row in rows if row.op != "erase"] == [
        ("create", who, True, True),
        ("create", seen, True, True),
    ]
    erased = [row for row in rows if row.op == "erase"]
    assert {(row.record, row.author, row.outcome) for row in erased} == {
        (who, "boss", "applied"),
        (seen, "boss", "applied"),
    }
    assert chain_holds(office)


def test_everybody_who_may_have_a_trace_is_told(office: Office, alice: Phone, bob: Phone) -> None:
    who, of, _ = filed(alice)
    bob.pull()
    moved = {"intake_district": ["5401", "5402"], "area": ["540101", None]}
    alice.push([alice.update("case", of, alice.version(of), set=moved)])
    office.erase(who)
    told = office.rows(select(bucket_entry).where(bucket_entry.c.record == who))
    assert {(row.live, row.why) for row in told} == {(False, "erased")}
    assert f"user:{alice.author.user}" in {row.bucket for row in told}
    assert "district:5401" in {row.bucket for row in told}
    page = bob.pull_page()
    gone = {tuple(each[::3]) for table in page.tables for each in table.gone if each[2] == "district:5401"}
    assert (who, "erased") in gone


def test_checksums_stay_right(office: Office, alice: Phone, bob: Phone) -> None:
    who, _, _ = filed(alice)
    bob.pull()
    office.erase(who)
    alice.pull()
    bob.pull()
    counts = {row.key: row.live for row in office.rows(select(bucket_table))}
    assert all(count >= 0 for count in counts.values())


def test_what_is_sent_again_ends_as_erased(office: Office, alice: Phone) -> None:
    who = person(alice)
    of = case(alice, affected_person=who["record"])
    first = alice.request([who, of])
    alice.send(first)
    office.erase(who["record"])
    again = alice.send(first).outcomes
    assert [(each.outcome, each.code) for each in again] == [("rejected", "erased"), ("applied", None)]


def test_a_log_sent_by_a_new_incarnation_ends_as_erased_and_is_not_kept(office: Office, alice: Phone) -> None:
    who = person(alice)
    of = case(alice, affected_person=who["record"])
    alice.push([who], [of])
    office.erase(who["record"])
    outcomes = alice.send(alice.request([who], [of], incarnation=new_id(), after=Position(0))).outcomes
    assert [(each.outcome, each.code) for each in outcomes] == [("rejected", "erased"), ("applied", None)]
    assert NAME not in kept_text(office)
    assert chain_holds(office)


def test_edits_and_photos_that_come_later_are_refused_and_not_kept(office: Office, alice: Phone) -> None:
    who, _, _ = filed(alice)
    late = [
        alice.update("person", who, alice.version(who), set={"last_name": [None, f"{NAME} ย้ายบ้าน"]}),
        photo(alice, who, name="หลัง สมหญิง.jpg"),
        alice.mutation(op="update", type="person", record=who, set="สมหญิง not an object"),
    ]
    office.erase(who)
    outcomes = alice.push(*([each] for each in late))
    assert {(each.outcome, each.code) for each in outcomes} == {("rejected", "erased")}
    assert "สมหญิง" not in kept_text(office)
    assert chain_holds(office)


def test_one_erased_member_refuses_its_save_and_the_rest_of_it_is_kept(office: Office, alice: Phone) -> None:
    who, of, _ = filed(alice)
    office.erase(who)
    went = visit(alice, of, narrative="ไปพบ")
    outcomes = alice.push([went, alice.update("person", who, 0, set={"last_name": [None, "ก"]})])
    assert [(each.outcome, each.code) for each in outcomes] == [("rejected", "group_rejected"), ("rejected", "erased")]
    assert [row.payload is None for row in office.rows(select(mutation).where(mutation.c.id == went["id"]))] == [False]


def test_others_may_still_name_an_erased_record(office: Office, alice: Phone) -> None:
    who, _, _ = filed(alice)
    office.erase(who)
    assert names(alice.push([case(alice, affected_person=who)])) == ["applied"]


def test_what_was_refused_or_waits_goes_too(office: Office, alice: Phone) -> None:
    who, _, _ = filed(alice)
    refused = photo(alice, who, name="สมหญิง ในบ้าน.jpg") | {"data": {"owner_record": who, "name": "สมหญิง"}}
    unread = alice.mutation(op="update", type="person", record=who, set="สมหญิง")
    waits = [
        visit(alice, new_id()),
        alice.update("person", who, alice.version(who), set={"last_name": [None, "สมหญิง"]}),
    ]
    assert names(alice.push([refused], [unread], waits)) == ["rejected", "rejected", "held", "held"]
    office.erase(who)
    assert "สมหญิง" not in kept_text(office)
    ended = office.rows(select(mutation).where(mutation.c.releases == waits[1]["id"]))
    assert [(row.outcome, row.code) for row in ended] == [("rejected", "erased")]
    assert chain_holds(office)


def test_what_staff_wrote_about_it_goes_too_and_nothing_of_it_is_left_to_deal_with(
    office: Office, alice: Phone
) -> None:
    who, _, _ = filed(alice)
    other, refused = new_id(), alice.update("person", who, alice.version(who), set={"sex": [None, "สมหญิง"]})
    assert names(alice.push([refused])) == ["rejected"]
    judged = {"by": "boss", "reason": "สมหญิงคนละคน"}
    with writing(office.engine) as connection:
        connection.execute(insert(kept_apart), {"first": who, "second": other, "decided_at": "t", **judged})
        deposit(connection, kind="witness", content=b"row", now=office.centre.now, detail={"record": who})
        connection.execute(insert(settlement), {"mutation": refused["id"], "how": "returned", "at": "t", **judged})
    office.erase(who)
    said = [
        *office.rows(select(kept_apart)),
        *office.rows(select(settlement)),
        *office.rows(select(delivery.c.content)),
    ]
    assert "สมหญิง" not in str(said) + kept_text(office)
    assert said[-1].content == b""
    with reading(office.engine) as connection:
        assert list(unfinished(connection)) == []


def test_a_deleted_photo_goes_too(office: Office, alice: Phone) -> None:
    who, _, seen = filed(alice)
    alice.push([alice.delete("attachment", seen, alice.version(seen))])
    assert seen in {each.id for each in office.erase(who).traces}
    assert "หน้า สมหญิง" not in kept_text(office)


def test_conflicts_and_their_values_go_too(office: Office, alice: Phone, bob: Phone) -> None:
    who, _, _ = filed(alice)
    bob.pull()
    for phone, value in ((alice, "สมหญิง ก"), (bob, "สมหญิง ข")):
        phone.push([phone.update("person", who, phone.version(who), set={"last_name": [None, value]})])
    assert "สมหญิง ข" in kept_text(office)
    office.erase(who)
    assert "สมหญิง" not in kept_text(office)


def test_a_household_goes_with_its_members(office: Office, alice: Phone) -> None:
    home = alice.create("household")
    member = alice.create("household_member", household=home["record"], full_name=NAME)
    assert names(alice.push([home, member])) == ["applied", "applied"]
    assert {each.id for each in office.erase(home["record"]).traces} == {home["record"], member["record"]}
    assert NAME not in kept_text(office)


def test_a_merged_person_goes_whole(office: Office, alice: Phone) -> None:
    first, second = person(alice), person(alice)
    alice.push([first], [second])
    alice.pull()
    joined = {"record": first["record"], "into": second["record"], "base": alice.version(first["record"])}
    assert names(alice.push([alice.mutation(op="merge", type="person", **joined)])) == ["applied"]
    done = office.erase(first["record"])
    assert {first["record"], second["record"]} <= {each.id for each in done.traces}
    assert NAME not in kept_text(office)


def test_nothing_is_erased_twice_or_at_another_version(office: Office, alice: Phone) -> None:
    who, _, _ = filed(alice)
    with pytest.raises(erasure.PreconditionFailed):
        office.erase(who, version=alice.version(who) + 1)
    office.erase(who, version=alice.version(who))
    with pytest.raises(erasure.NotFound):
        office.erase(who)


def test_the_register_can_erase_again_in_a_store_that_never_heard_of_it(
    office: Office, alice: Phone, fresh_database: Any, tmp_path: Path
) -> None:
    who, _, _ = filed(alice)
    office.erase(who)
    other = Centre(open_store(fresh_database(migrate)))
    restored = Office(other, tmp_path / "other")
    carol = other.enrol("social_worker", "province:54")
    with writing(restored.engine) as connection:
        erasure.replay(connection, restored.blobs, office.entries, other.now)
    again = person(carol) | {"record": who}
    outcomes = carol.push([again], [case(carol, affected_person=who)])
    assert [(each.outcome, each.code) for each in outcomes] == [("rejected", "erased"), ("applied", None)]
    page = carol.pull_page()
    assert who in {each[0] for table in page.tables for each in table.gone if each[3] == "erased"}
    assert NAME not in kept_text(restored)
    assert chain_holds(restored)
    other.store.engine.dispose()


def test_a_backup_from_before_two_were_taken_apart_costs_the_other_nothing(
    office: Office, alice: Phone, fresh_database: Any, tmp_path: Path
) -> None:
    first, third = new_id(), new_id()
    other = Centre(open_store(fresh_database(migrate)))
    restored, carol = Office(other, tmp_path / "other"), other.enrol("social_worker", "province:54")
    merges = []
    for phone in (alice, carol):
        phone.push([person(phone) | {"record": first}], [phone.create("person", third, first_name="คนที่สาม")])
        phone.pull()
        merges.append(phone.mutation(op="merge", type="person", record=third, into=first, base=phone.version(third)))
        assert names(phone.push([merges[-1]])) == ["applied"]
    apart = alice.mutation(op="unmerge", type="person", record=third, undoes=merges[0]["id"], moves=[], base=0)
    assert names(alice.push([apart])) == ["applied"]
    assert {each.id for each in office.erase(first).traces} == {first}
    with writing(restored.engine) as connection:
        erasure.replay(connection, restored.blobs, office.entries, other.now)
    carol.pull()
    assert (first in carol.rows, carol.data(third)) == (False, {"first_name": "คนที่สาม"})
    assert NAME not in kept_text(restored)
    other.store.engine.dispose()


def test_what_was_meant_for_a_merged_record_goes_with_it_when_the_two_were_taken_apart(
    office: Office, alice: Phone
) -> None:
    first, second = person(alice)["record"], alice.create("person", first_name="คนอื่น")["record"]
    alice.push([person(alice) | {"record": first}], [alice.create("person", second, first_name="คนอื่น")])
    alice.pull()
    merge = alice.mutation(op="merge", type="person", record=first, into=second, base=alice.version(first))
    late = alice.update("person", first, alice.version(first), set={"nickname_or_mark": [None, "สมหญิงแก้มแดง"]})
    assert names([*alice.push([merge]), *alice.push([late])]) == ["applied", "merged"]
    alice.pull()
    apart = alice.mutation(
        op="unmerge", type="person", record=first, undoes=merge["id"], moves=[late["id"]], base=alice.version(first)
    )
    assert [(each.outcome, each.code, each.errors) for each in alice.push([apart])] == [("applied", None, {})]
    assert {each.id for each in office.erase(first).traces} == {first}
    assert "สมหญิง" not in kept_text(office)
    alice.pull()
    assert alice.data(second) == {"first_name": "คนอื่น"}


def two_people(alice: Phone, mark: str | None = None) -> tuple[str, str]:
    """Make two people; the second is somebody else."""
    first, other = person(alice, nickname_or_mark="สมหญิงแก้มแดง"), alice.create("person", first_name="คนอื่น")
    if mark:
        other["data"]["nickname_or_mark"] = mark
    assert names(alice.push([first], [other])) == ["applied"] * 2
    alice.pull()
    return first["record"], other["record"]


def merging(phone: Phone, record: str, into: str) -> dict[str, Any]:
    return phone.mutation(op="merge", type="person", record=record, into=into, base=phone.version(record))


def unmerging(phone: Phone, record: str, merge: str, *moves: str) -> dict[str, Any]:
    base = phone.version(record)
    return phone.mutation(op="unmerge", type="person", record=record, undoes=merge, moves=list(moves), base=base)


def test_a_value_that_was_taken_over_in_a_merge_goes_too_when_the_two_were_taken_apart(
    office: Office, alice: Phone
) -> None:
    first, second = two_people(alice)
    merge = merging(alice, first, second)
    taken = alice.update("person", second, alice.version(second), set={"nickname_or_mark": [None, "สมหญิงแก้มแดง"]})
    assert names(alice.push([merge, taken])) == ["applied", "applied"]
    alice.pull()
    assert names(alice.push([unmerging(alice, first, merge["id"])])) == ["applied"]
    office.erase(first)
    again = alice.send(alice.request([merge, taken], incarnation=new_id(), after=Position(0))).outcomes
    assert [(each.outcome, each.code) for each in again] == [("rejected", "erased"), ("applied", None)]
    assert "สมหญิง" not in kept_text(office)
    assert chain_holds(office)
    alice.pull()
    assert alice.data(second) == {"first_name": "คนอื่น"}


def test_what_contended_with_another_for_a_time_goes_too_and_devices_are_told(
    office: Office, alice: Phone, bob: Phone
) -> None:
    first, second = two_people(alice, "หูกาง")
    alice.push([case(alice, affected_person=first)], [case(alice, affected_person=second)])
    bob.pull()
    merge = merging(alice, first, second)
    alice.push([merge])
    late = [
        phone.update("person", first, phone.version(first), set={"nickname_or_mark": ["สมหญิงแก้มแดง", f"สมหญิง {n}"]})
        for n, phone in enumerate((bob, bob, alice))
    ]
    assert names(bob.push([late[0]], [late[1]])) + names(alice.push([late[2]])) == ["conflicted"] * 3
    alice.pull()
    assert names(alice.push([unmerging(alice, first, merge["id"])])) == ["applied"]
    bob.pull()
    assert "สมหญิง" in str(bob.conflicts())
    office.erase(first)
    bob.pull()
    (conflict,) = bob.conflicts()
    assert "สมหญิง" not in kept_text(office) + str(conflict)
    assert (conflict["record"], conflict["central_value"], "base_value" in conflict) == (second, "หูกาง", False)
    entries = [(each["mutation"], each["value"], len(each["earlier"])) for each in conflict["contenders"]]
    assert entries == [(late[1]["id"], None, 1), (late[2]["id"], None, 0)]


def test_what_was_meant_for_it_and_went_on_along_a_chain_goes_too(office: Office, alice: Phone) -> None:
    first, second = two_people(alice)
    _, third = two_people(alice)
    merges = [merging(alice, first, second), merging(alice, second, third)]
    assert names(alice.push(*([each] for each in merges))) == ["applied"] * 2
    late = alice.update("person", first, alice.version(first), set={"last_name": [None, "สมหญิงวงศ์"]})
    assert names(alice.push([late])) == ["merged"]
    alice.pull()
    assert names(alice.push([unmerging(alice, first, merges[0]["id"], late["id"])])) == ["applied"]
    office.erase(first)
    assert "สมหญิงวงศ์" not in kept_text(office)
    assert chain_holds(office)


def test_a_merge_that_waited_and_what_was_chosen_with_it_go_too(office: Office, alice: Phone, bob: Phone) -> None:
    first, second = two_people(alice)
    late = case(bob)
    merge = merging(alice, first, second)
    taken = alice.update("person", second, alice.version(second), set={"nickname_or_mark": [None, "สมหญิงแก้มแดง"]})
    assert names(alice.push([merge, taken, visit(alice, late["record"])])) == ["held"] * 3
    bob.push([late])
    alice.pull()
    assert alice.data(second)["nickname_or_mark"] == "สมหญิงแก้มแดง"
    assert names(alice.push([unmerging(alice, first, merge["id"])])) == ["applied"]
    office.erase(first)
    assert "สมหญิง" not in kept_text(office)
    assert chain_holds(office)
