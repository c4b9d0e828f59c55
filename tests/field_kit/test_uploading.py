"""Photos: after their record, in pieces, acknowledged only on the centre's word."""

import base64
import hashlib
from pathlib import Path

import httpx
import pytest

from field_kit import FieldKit, files
from field_kit.errors import FileTooLarge, ServerRefused, Unreachable
from field_kit.transport import HttpTransport
from field_kit.tus import CHUNK_BYTES, Upload
from sync.errors import ValidationFailed
from tests.field_kit.centre import Centre, answered
from tests.field_kit.device import CASE, Crash, dying, log_of

PHOTO = bytes(range(256)) * 700


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "house.jpg"
    path.write_bytes(PHOTO)
    return path


@pytest.fixture
def attached(kit: FieldKit, photo: Path) -> str:
    """Give the attachment of a photo to a new case."""
    with kit.save() as save:
        case = save.create("case", CASE)
        return save.attach(case, photo, kind="house_outside")


def test_record_and_bytes_are_saved_together(kit: FieldKit, attached: str) -> None:
    record = kit.get(attached)

    assert record is not None
    assert record.data["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert (record.data["size"], record.data["media_type"], record.data["name"]) == (
        len(PHOTO),
        "image/jpeg",
        "house.jpg",
    )
    assert kit.file(attached) == PHOTO


def test_a_crash_while_saving_leaves_neither_record_nor_bytes(kit: FieldKit, photo: Path) -> None:
    case, deaths = kit.create("case", CASE).record, 0
    while True:
        revive = dying(kit, deaths)
        try:
            kit.attach(case, photo)
        except Crash:
            revive()
            if kit.database.connection.in_transaction:
                kit.database.connection.execute("ROLLBACK")
            assert (len(log_of(kit, "id")), kit.database.value("SELECT count(*) FROM file_chunk")) == (1, 0)
            deaths += 1
        else:
            revive()
            break
    assert deaths > 8


def test_a_file_over_the_limit_is_refused_before_anything_is_saved(kit: FieldKit, photo: Path, monkeypatch) -> None:
    case = kit.create("case", CASE).record
    with photo.open("wb") as grown:
        grown.truncate(files.FILE_BYTES_MAX + 1)

    with pytest.raises(FileTooLarge):
        kit.attach(case, photo)

    assert len(log_of(kit, "id")) == 1


def test_text_goes_before_photos_and_a_photo_waits_for_its_record(kit: FieldKit, attached: str) -> None:
    refused = Centre(pushes=[lambda request: answered(request, outcome="rejected", code="not_permitted")])
    kit.sync(transport=refused)

    assert refused.uploads == []
    assert kit.status().files_waiting == 1


def test_a_photo_counts_as_arrived_only_on_the_centres_word(kit: FieldKit, attached: str) -> None:
    class Doubtful(Centre):
        def upload(self, upload: Upload) -> None:
            self.uploads.append(upload)

    doubtful, sure = Doubtful(), Centre()

    first, second = kit.sync(transport=doubtful), kit.sync(transport=sure)

    assert (first.files, first.files_waiting, second.files, second.files_waiting) == (0, 1, 1, 0)
    assert [upload.content for upload in sure.uploads] == [PHOTO]


def test_a_photo_that_is_there_already_is_not_sent_again(kit: FieldKit, attached: str) -> None:
    centre = Centre(verified={attached})

    tally = kit.sync(transport=centre)

    assert (tally.files, centre.uploads) == (1, [])


@pytest.mark.parametrize(
    "refusal",
    [
        ServerRefused(server_code="upload_mismatch", status=409),
        ValidationFailed(errors={"sha256": [{"code": "invalid"}]}),
    ],
)
def test_one_refused_photo_does_not_stop_the_others(
    kit: FieldKit, attached: str, photo: Path, refusal: Exception
) -> None:
    other = kit.attach(kit.create("case", CASE).record, photo).record
    centre = Centre()

    def receive(upload: Upload) -> None:
        if upload.attachment == attached:
            raise refusal

    centre.receive = receive
    tally = kit.sync(transport=centre)

    assert (tally.files, tally.files_waiting, other in centre.verified) == (1, 1, True)


def test_bytes_stay_until_a_backup_covers_their_record(kit: FieldKit, attached: str) -> None:
    kit.sync(transport=Centre())
    assert kit.file(attached) == PHOTO

    kit.create("person", first_name="สมชาย")
    kit.sync(transport=Centre(pushes=[lambda request: answered(request, safe_through=2)]))

    assert kit.file(attached) == b""


class TusServer:
    """tus 1.0 as its text says, over a link that breaks after some requests."""

    def __init__(self, breaks_after: int = 10**6) -> None:
        self.arrived: dict[str, bytearray] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.left = breaks_after
        self.requests: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.method)
        assert request.headers["Tus-Resumable"] == "1.0.0"
        self.left -= 1
        name = request.url.path.rpartition("/")[2]
        response = getattr(self, request.method.lower())(request, name)
        if self.left < 0:
            raise httpx.ReadError("the link broke before the answer")
        return response

    def post(self, request: httpx.Request, _: str) -> httpx.Response:
        name = f"u{len(self.arrived)}"
        pairs = [pair.split(" ") for pair in request.headers["Upload-Metadata"].split(",")]
        self.metadata[name] = {key: base64.b64decode(value).decode() for key, value in pairs}
        self.arrived[name] = bytearray()
        return httpx.Response(201, headers={"Location": f"/api/v1/uploads/{name}"})

    def head(self, request: httpx.Request, name: str) -> httpx.Response:
        if name not in self.arrived:
            return httpx.Response(404)
        return httpx.Response(200, headers={"Upload-Offset": str(len(self.arrived[name]))})

    def patch(self, request: httpx.Request, name: str) -> httpx.Response:
        assert int(request.headers["Upload-Offset"]) == len(self.arrived[name])
        algorithm, digest = request.headers["Upload-Checksum"].split(" ")
        assert base64.b64decode(digest) == hashlib.new(algorithm, request.content).digest()
        self.arrived[name] += request.content
        return httpx.Response(204, headers={"Upload-Offset": str(len(self.arrived[name]))})


def sending(server: TusServer, address: str | None, kept: list[str]) -> None:
    transport = HttpTransport("http://centre.test", "t", client=httpx.Client(transport=httpx.MockTransport(server)))
    transport.upload(Upload("the-attachment", "the-hash", PHOTO, address, kept.append, lambda _: None))


def test_a_file_goes_up_in_pieces_that_a_short_window_of_signal_carries() -> None:
    server, kept = TusServer(), []

    sending(server, None, kept)

    assert server.arrived == {"u0": PHOTO}
    assert server.metadata["u0"] == {"attachment": "the-attachment", "sha256": "the-hash"}
    assert server.requests == ["POST"] + ["PATCH"] * -(-len(PHOTO) // CHUNK_BYTES)
    assert kept == ["http://centre.test/api/v1/uploads/u0"]


def test_a_cut_upload_goes_on_where_the_centre_says_it_stopped() -> None:
    server, kept = TusServer(breaks_after=2), []
    with pytest.raises(Unreachable):
        sending(server, None, kept)
    server.left, already = 10**6, len(server.arrived["u0"])

    sending(server, kept[0], kept)

    assert already == 2 * CHUNK_BYTES
    assert server.arrived == {"u0": PHOTO}
    assert server.requests == ["POST", "PATCH", "PATCH", "HEAD", "PATCH"]


def test_an_upload_that_the_centre_forgot_begins_anew() -> None:
    server, kept = TusServer(), []

    sending(server, "http://centre.test/api/v1/uploads/forgotten", kept)

    assert server.arrived == {"u0": PHOTO}
    assert kept == ["http://centre.test/api/v1/uploads/u0"]
