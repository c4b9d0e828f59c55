"""People, roles and staff sign-in over HTTP."""

from tests.server.centre import PASSWORD, TestCentre

BOB = {"username": "bob", "display_name": "บ๊อบ", "password": PASSWORD}


def test_an_administrator_adds_bob_and_bob_signs_in(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")

    added = admin.post("/api/v1/users", json=BOB)
    role = {"role": "social_worker", "scope": "province:54"}
    given = admin.post(f"/api/v1/users/{added.json['id']}/roles", json=role)
    signed_in = centre.client.post("/api/v1/tokens", json={"username": "bob", "password": PASSWORD})
    me = centre.client.get("/api/v1/me", headers={"Authorization": f"Bearer {signed_in.json['token']}"})

    assert (added.status_code, given.status_code, signed_in.status_code) == (201, 201, 201)
    assert signed_in.json["expires_at"] == "2026-11-23T10:00:00.000Z"
    assert me.json["may"]["conflict"] == ["read", "resolve"]
    assert {name: said for name, said in me.json.items() if name != "may"} == {
        "id": added.json["id"],
        "username": "bob",
        "display_name": "บ๊อบ",
        "language": "th",
        "active": True,
        "roles": [role],
    }


def test_a_username_is_taken_once(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")
    replies = [admin.post("/api/v1/users", json=BOB) for _ in range(2)]
    assert [(reply.status_code, reply.json.get("code")) for reply in replies] == [(201, None), (409, "username_taken")]


def test_a_short_password_and_a_strange_username_are_refused(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")
    reply = admin.post("/api/v1/users", json=BOB | {"username": "Bob!", "password": "short"})
    found = {name: problem[0]["code"] for name, problem in reply.json["errors"].items()}
    assert found == {"username": "wrong_form", "password": "too_short"}


def test_a_role_that_does_not_fit_its_scope_is_refused(centre: TestCentre) -> None:
    admin, alice = centre.staff("administrator@nation"), centre.person()
    reply = admin.post(f"/api/v1/users/{alice}/roles", json={"role": "volunteer", "scope": "nation"})
    assert (reply.status_code, reply.json["errors"]["scope"][0]["code"]) == (422, "role_does_not_fit_scope")


def test_a_role_is_taken_away(centre: TestCentre) -> None:
    admin, alice = centre.staff("administrator@nation"), centre.person("rru_member@district:5401")
    address = f"/api/v1/users/{alice}/roles/rru_member/district:5401"
    replies = [admin.delete(address) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 404]
    assert replies[0].json["roles"] == []


def test_people_are_listed_a_page_at_a_time(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")
    for name in ("alice", "bob", "charlie"):
        centre.person(name=name)
    first = admin.get("/api/v1/users?limit=2").json
    second = admin.get(f"/api/v1/users?limit=2&cursor={first['next']}").json
    names = [each["username"] for page in (first, second) for each in page["items"]]
    assert (names, first["next"]) == (["alice", "bob", "charlie", "person1"], "bob")


def test_a_page_has_at_most_five_hundred(centre: TestCentre) -> None:
    reply = centre.staff("administrator@nation").get("/api/v1/users?limit=501")
    assert (reply.status_code, reply.json["errors"]["limit"][0]["code"]) == (422, "out_of_range")


def test_a_wrong_password_and_an_unknown_name_look_alike(centre: TestCentre) -> None:
    centre.person(name="alice", password=PASSWORD)
    replies = [
        centre.client.post("/api/v1/tokens", json={"username": name, "password": "not the password"})
        for name in ("alice", "nobody")
    ]
    assert replies[0].json == replies[1].json
    assert (replies[0].status_code, replies[0].json["code"]) == (401, "wrong_password")


def test_somebody_without_a_password_signs_in_nowhere(centre: TestCentre) -> None:
    centre.person(name="alice")
    reply = centre.client.post("/api/v1/tokens", json={"username": "alice", "password": "nobody has this password"})
    assert reply.status_code == 401


def test_who_signs_out_is_out(centre: TestCentre) -> None:
    bob = centre.staff("inspector@nation")
    replies = [bob.get("/api/v1/me"), bob.delete("/api/v1/tokens/current"), bob.get("/api/v1/me")]
    assert [reply.status_code for reply in replies] == [200, 204, 401]


def test_a_working_day_later_bob_signs_in_again(centre: TestCentre) -> None:
    bob = centre.staff("inspector@nation")
    centre.clock.turn(hours=8)
    reply = bob.get("/api/v1/me")
    assert (reply.status_code, reply.json["code"]) == (401, "token_expired")


def test_a_field_worker_does_not_add_people(centre: TestCentre) -> None:
    alice = centre.field("rru_member@district:5401")
    reply = alice.post("/api/v1/users", json=BOB)
    assert (reply.status_code, reply.json["code"]) == (403, "not_permitted")


def test_passwords_and_tokens_are_kept_as_hashes_alone(one_centre: TestCentre) -> None:
    one_centre.person(name="alice", password=PASSWORD)
    alice = one_centre.field("rru_member@district:5401")
    one_centre.centre.engine.dispose()
    stored = b"".join(path.read_bytes() for path in one_centre.files())
    assert PASSWORD.encode() not in stored
    assert alice.token.encode() not in stored


def test_devices_are_listed_with_whose_they_are(centre: TestCentre) -> None:
    admin, alice = centre.staff("administrator@nation"), centre.field("rru_member@district:5401")
    (device,) = admin.get("/api/v1/devices").json["items"]
    assert (device["id"], device["user"], device["display_name"], device["revoked_order"]) == (
        alice.device,
        alice.id,
        "คนที่ 2",
        None,
    )


def test_a_device_once_lost_stays_lost(centre: TestCentre) -> None:
    admin, alice = centre.staff("administrator@nation"), centre.field("rru_member@district:5401")
    orders = []
    for order in ("left", "lost", "left"):
        centre.clock.turn(hours=1)
        orders.append(admin.post(f"/api/v1/devices/{alice.device}/revoke", json={"order": order}).json)
    assert [each["revoked_order"] for each in orders] == ["left", "lost", "lost"]
    assert {each["revoked_at"] for each in orders} == {"2026-11-23T03:00:00.000Z"}
