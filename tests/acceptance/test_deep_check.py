"""Whatever a laptop was sent is what the centre would send; a value that changed by itself is found and mended."""

import pytest

from field_kit.kit import FieldKit
from tests.acceptance.http_phone import HttpPhone
from tests.acceptance.kit_process import PASSPHRASE, CommandFailed, Kit
from tests.acceptance.office import Office, Province
from tests.acceptance.records import a_case, a_visit, made_case


def flip(kit: Kit, record: str) -> None:
    """Change one letter of a stored row, as a bad memory cell would: the version stays."""
    with FieldKit.open(kit.home, PASSPHRASE) as opened, opened.database.transaction():
        sql = "UPDATE record SET data = replace(data, 'พบที่บ้าน', 'พบที่บ้าม') WHERE id = ?"
        assert opened.database.execute(sql, (record,)) == 1


def test_a_flipped_letter_is_found_and_mended_and_unsent_work_stays(
    here: Office, alice: HttpPhone, province: Province
) -> None:
    kit = here.kit(f"rru_member@team:{province.day_team}")
    case = made_case(alice, province)
    visit = a_visit(alice, case, narrative="พบที่บ้าน")
    alice.push([visit])
    kit.sync()
    assert kit.run("doctor", "--deep")[-1] == {"code": "contents_equal", "ok": True, "detail": ""}

    flip(kit, visit["record"])
    mine = kit.new("visit", case=case, narrative="ของฉัน")
    assert kit.sound()
    with pytest.raises(CommandFailed) as found:
        kit.run("doctor", "--deep")
    assert found.value.code == 10
    told = found.value.said[-1]
    assert (told["code"], told["ok"]) == ("contents_equal", False)
    assert f"team:{province.day_team}" in told["detail"]
    assert kit.show(visit["record"])["data"]["narrative"] == "พบที่บ้าน"
    assert kit.show(mine)["data"]["narrative"] == "ของฉัน"
    assert kit.run("doctor", "--deep")[-1]["ok"]


def test_everybody_holds_exactly_what_they_may_see(here: Office, alice: HttpPhone, province: Province) -> None:
    person = alice.create("person", first_name="มะลิ", health_notes="เบาหวาน", phone="0812345678")
    where = {"latitude": 18.0, "longitude": 100.14451, "accuracy_m": 12}
    emergency = alice.create("emergency", causes=["threat_or_assault"], area=province.tambon, note="ล้ม", **where)
    case = a_case(alice, province, affected_person=person["record"], summary='พูดว่า "ไม่เป็นไร"\nแล้วไป', team=None)
    alice.push([person, case], [emergency])
    roles = (
        f"social_worker@{province.scope}",
        f"rru_member@team:{province.day_team}",
        f"rru_member@district:{province.district}",
        f"volunteer@village:{province.village}",
    )
    for role in roles:
        kit = here.kit(role)
        kit.sync()
        assert kit.run("doctor", "--deep")[-1] == {"code": "contents_equal", "ok": True, "detail": ""}, role
