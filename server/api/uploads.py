"""Files by tus 1.0 (https://tus.io): creation, creation-with-upload, checksum, termination, expiration.

``Upload-Metadata`` names the ``attachment`` (its record comes first, by push) and the ``sha256`` of the whole file.
"""

from datetime import datetime, timedelta
from email.utils import format_datetime

from flask import Response, request

from server import uploads
from server.auth.current import current_device, current_viewer, permission, public
from server.blobs import Busy
from server.centre import current_centre
from server.contact import note_contact
from server.errors import (
    BadRequest,
    ChecksumMismatch,
    NotEnoughStorage,
    NotFound,
    OffsetMismatch,
    UnsupportedMediaType,
    UploadBusy,
    UploadMismatch,
    WrongTusVersion,
)
from server.metrics import UPLOADED_BYTES
from server.models.engine import reading, writing
from server.resource import Resource, raises
from server.tus_document import BODY_TYPE, EXTENSIONS, VERSION, asks, takes_bytes, tells
from server.uploads import Upload
from sync.errors import NotPermitted, PayloadTooLarge, ValidationFailed
from sync.instants import parsed

blp = Resource("uploads", __name__, url_prefix="/api/v1/uploads", description="Files by tus 1.0, resumable")

SPOKEN = ("Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")
DIGITS_MAX = 30
EXPIRES = ("Upload-Expires",)
CREATED = {"201": tells("Begun; its address is in Location", "Location", "Upload-Offset", sometimes=EXPIRES)}
STANDS = {"200": tells("How much has arrived", "Upload-Offset", "Upload-Length", sometimes=EXPIRES)}
TAKEN = {"204": tells("Taken; Upload-Offset says how much has arrived", "Upload-Offset", sometimes=EXPIRES)}


@blp.route("", methods=["OPTIONS"], provide_automatic_options=False)
@public
@blp.doc(responses={"204": tells("Version, extensions and limits, in headers", *SPOKEN)})
def options() -> Response:
    """Say what of tus is spoken here."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(current_centre().settings.upload_bytes_max),
        "Tus-Checksum-Algorithm": ",".join(uploads.ALGORITHMS),
    }
    return Response(status=204, headers=headers)


@blp.route("", methods=["POST"])
@permission("upload", "create", while_leaving=True)
@raises(NotFound, NotPermitted, ValidationFailed, PayloadTooLarge, UploadMismatch, WrongTusVersion, NotEnoughStorage)
@raises(BadRequest, ChecksumMismatch)
@blp.doc(responses=CREATED, parameters=asks("Upload-Length", "Upload-Metadata", optional=("Upload-Checksum",)))
@blp.doc(requestBody=takes_bytes(required=False))
def create() -> Response:
    """Begin the upload of an attachment's bytes."""
    _check_version()
    centre, now = current_centre(), current_centre().now()
    size = _size_said(centre.settings.upload_bytes_max)
    meta = uploads.metadata_in(request.headers.get("Upload-Metadata", ""))
    with writing(centre.engine) as connection:
        lasts = timedelta(hours=centre.settings.upload_hours)
        device, user = current_device(), current_viewer().user
        this = uploads.create(connection, centre.blobs, device, user, meta, size, now=now, lasts=lasts)
    offset = _take(this, 0, now) if request.mimetype == BODY_TYPE or size == 0 else 0
    headers = {"Location": f"{blp.url_prefix}/{this.id}", "Upload-Offset": str(offset), **_expiry(this)}
    return Response(status=201, headers=headers)


@blp.route("/<upload_id>", methods=["HEAD"])
@permission("upload", "create", while_leaving=True)
@raises(NotFound, UploadMismatch, WrongTusVersion)
@blp.doc(responses=STANDS, parameters=asks())
def show(upload_id: str) -> Response:
    """Say how much of an upload has arrived."""
    _check_version()
    this = _upload(upload_id)
    if this.offset == this.size and not this.finished:
        # the centre stopped between the last byte and the check of the hash; no client would send anything more
        uploads.finish(current_centre(), this, current_centre().now())
    headers = {"Upload-Offset": str(this.offset), "Upload-Length": str(this.size), **_expiry(this)}
    return Response(status=200, headers=headers | {"Cache-Control": "no-store"})


@blp.route("/<upload_id>", methods=["PATCH"])
@permission("upload", "create", while_leaving=True)
@raises(NotFound, OffsetMismatch, ChecksumMismatch, UploadMismatch, UploadBusy, UnsupportedMediaType, ValidationFailed)
@raises(WrongTusVersion, NotEnoughStorage, BadRequest, PayloadTooLarge)
@blp.doc(responses=TAKEN, parameters=asks("Upload-Offset", optional=("Upload-Checksum",)))
@blp.doc(requestBody=takes_bytes(required=True))
def append(upload_id: str) -> Response:
    """Send bytes from where the upload stands; the last ones are answered once the hash of all is right."""
    _check_version()
    if request.mimetype != BODY_TYPE:
        raise UnsupportedMediaType(accepts=BODY_TYPE)
    this, now = _upload(upload_id), current_centre().now()
    said = _number_said("Upload-Offset")
    offset = this.offset if this.finished and said == this.size else _take(this, said, now)
    return Response(status=204, headers={"Upload-Offset": str(offset), **_expiry(this)})


@blp.route("/<upload_id>", methods=["DELETE"])
@permission("upload", "create", while_leaving=True)
@raises(NotFound, WrongTusVersion)
@blp.doc(responses={"204": tells("Ended")}, parameters=asks())
def terminate(upload_id: str) -> Response:
    """End an upload and forget what arrived of it; a file that arrived whole stays."""
    _check_version()
    this, centre = _upload(upload_id), current_centre()
    if not this.finished:
        with writing(centre.engine) as connection:
            uploads.terminate(connection, centre.blobs, this.id)
    return Response(status=204)


@blp.after_request
def speak_tus(response: Response) -> Response:
    """Say the version with every answer, and where the upload stands when a client believes otherwise."""
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code == 412:
        response.headers["Tus-Version"] = VERSION
    return response


def _take(this: Upload, offset: int, now: datetime) -> int:
    """Append the request's body; when that was the last of it, check and keep the file."""
    centre = current_centre()
    if this.finished:
        raise OffsetMismatch(offset=this.size)
    checksum = uploads.checksum_in(request.headers.get("Upload-Checksum"))
    request.max_content_length = centre.settings.upload_bytes_max
    if (request.content_length or 0) > this.size - offset:
        raise PayloadTooLarge(bytes_max=this.size - offset)
    try:
        reached = uploads.receive(centre.blobs, this, request.stream, offset, checksum)
    except Busy:
        raise UploadBusy(retry_after_ms=1_000) from None
    UPLOADED_BYTES.inc(reached - offset)
    if reached == this.size:
        uploads.finish(centre, this, now)
    note_contact(centre, current_viewer(), request, now)
    return reached


def _upload(id_: str) -> Upload:
    """Return an upload of the asking device; looks twice, for its file may go as another request finishes it."""
    try:
        return _look(id_)
    except NotFound:
        return _look(id_)


def _look(id_: str) -> Upload:
    centre = current_centre()
    with reading(centre.engine) as connection:
        return uploads.find(connection, centre.blobs, id_, current_device(), centre.now())


def _size_said(bytes_max: int) -> int:
    said = _number_said("Upload-Length")
    if said > bytes_max:
        raise PayloadTooLarge(bytes_max=bytes_max)
    return said


def _number_said(header: str) -> int:
    """Return what a header counts; no file has a size of so many digits that Python does not read them."""
    said = request.headers.get(header, "")
    if not (said.isascii() and said.isdigit() and len(said) <= DIGITS_MAX):
        raise BadRequest(needs=header)
    return int(said)


def _expiry(this: Upload) -> dict[str, str]:
    at = parsed(this.expires_at)
    return {"Upload-Expires": format_datetime(at, usegmt=True)} if at and not this.finished else {}


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise WrongTusVersion
