"""A centre and its devices in one process without a network: pushes, uploads and enrolments, each said once answered.

So its writes can be recorded in order with what was promised. The application is the one that gunicorn serves.
"""

import os
import sys
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from flask.testing import FlaskClient
from sqlalchemy import event

from server import create_app
from server.auth import enrolment, people
from server.auth.roles import Assignment
from server.centre import Centre, open_centre
from server.clock import now
from server.config import Settings
from server.demo.photos import photo
from server.models.engine import writing
from tests.acceptance.http_phone import HttpPhone, phone_of
from tests.acceptance.office import PHRAE
from tests.acceptance.records import a_case, a_visit
from tests.crash.kit_driver import say

DATABASE = "centre.db"


def main(folder: str, seed: str, pushes: str, synchronous: str = "") -> None:
    """Work on a furnished centre in a folder."""
    place = Path(folder)
    centre = open_centre(Settings(data_dir=place, database_url=f"sqlite:///{place / DATABASE}", jobs=False))
    if synchronous:
        plant(centre, synchronous)
    client, random = create_app(centre=centre).test_client(), Random(int(seed))
    phone, headers = enrolled(centre, client)
    for _ in range(int(pushes)):
        push_and_upload(client, phone, headers, random)


def plant(centre: Centre, synchronous: str) -> None:
    """Let the store not wait for the disk."""

    def weaken(connection: Any, _: Any) -> None:
        connection.cursor().execute(f"PRAGMA synchronous = {synchronous}")

    event.listen(centre.engine, "connect", weaken)


def enrolled(centre: Centre, client: FlaskClient) -> tuple[HttpPhone, dict[str, str]]:
    """Enrol a device as a person of the province."""
    with writing(centre.engine) as connection:
        person = people.create(connection, "someone", "ทดสอบ", now=now())
        people.give_role(connection, person, Assignment("social_worker", PHRAE.scope), now=now())
        secret, lasts = centre.keys.code_secret, timedelta(hours=1)
        code = enrolment.create(connection, secret, person, lasts=lasts, now=now()).code
    about = {"code": code, "name": "เครื่อง", "platform": "test", "client_version": "crash"}
    told = client.post("/api/v1/devices", json=about).get_json()
    say(device=told["device"], token=told["token"])
    return phone_of(None, told), {"Authorization": f"Bearer {told['token']}"}  # type: ignore[arg-type]


def push_and_upload(client: FlaskClient, phone: HttpPhone, headers: dict[str, str], random: Random) -> None:
    """Push a case with visits and a photo, then send the photo's bytes."""
    content = photo(random)
    case = a_case(phone, PHRAE, summary=f"เรื่องที่ {random.random()}")
    visits = [a_visit(phone, case["record"], narrative=f"ครั้งที่ {n}") for n in range(random.randrange(6))]
    about = {"sha256": sha256(content).hexdigest(), "size": len(content), "media_type": "image/png"}
    attachment = phone.create("attachment", owner_record=case["record"], **about)
    request = phone.request([case], *([each] for each in visits), [attachment])
    reply = client.post("/api/v1/sync/push", data=msgspec.json.encode(request), headers=headers,
                        content_type="application/json").get_json()  # fmt: skip
    say(outcomes=reply["outcomes"], first=request.after.seq + 1, incarnation=request.incarnation)
    phone.last = msgspec.structs.replace(phone.last, seq=reply["applied_through"], id=attachment["id"])
    upload(client, headers | {"Tus-Resumable": "1.0.0"}, attachment, content)


def upload(client: FlaskClient, headers: dict[str, str], attachment: dict[str, Any], content: bytes) -> None:
    """Send a file in two parts."""
    digest = attachment["data"]["sha256"]
    pairs = {"attachment": attachment["record"], "sha256": digest}
    metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in pairs.items())
    asked = headers | {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    address = client.post("/api/v1/uploads", headers=asked).headers["Location"]
    middle = len(content) // 2
    for start, piece in ((0, content[:middle]), (middle, content[middle:])):
        reply = client.patch(address, data=piece, headers=headers | {"Upload-Offset": str(start)},
                             content_type="application/offset+octet-stream")  # fmt: skip
        assert reply.status_code == 204, reply.get_data()
    say(file=attachment["record"], sha256=digest)


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # no farewell: the connections are not closed, as at a power cut
