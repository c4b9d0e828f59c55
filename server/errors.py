"""Every refusal, and its one way out: exception -> status -> RFC 9457 body in the reader's language.

The protocol's own errors live in ``sync.errors``; what only the centre says is here. Texts for people live in
``schemas.messages``.
"""

from sync.errors import ProtocolError


class NotFound(ProtocolError):
    """There is nothing at this address, or nothing this person may see."""

    code, status = "not_found", 404


class MethodNotAllowed(ProtocolError):
    """The address exists and does not do this."""

    code, status = "method_not_allowed", 405


class UsernameTaken(ProtocolError):
    """Somebody has that username."""

    code, status = "username_taken", 409


class WrongPassword(ProtocolError):
    """The username and password do not belong together; which one is wrong is not said."""

    code, status = "wrong_password", 401


class NoDeviceRole(ProtocolError):
    """None of the person's roles works on a device."""

    code, status = "no_device_role", 409


class CodeUnknown(ProtocolError):
    """No such enrolment code was made."""

    code, status = "code_unknown", 404


class CodeUsed(ProtocolError):
    """The enrolment code enrolled a device before."""

    code, status = "code_used", 410


class CodeExpired(ProtocolError):
    """The enrolment code is too old."""

    code, status = "code_expired", 410


class DeviceNotYours(ProtocolError):
    """The device that is to be enrolled again belongs to another person than the code; the code is still good."""

    code, status = "device_not_yours", 409


class PreconditionRequired(ProtocolError):
    """A staff write says which version it saw (``If-Match``)."""

    code, status = "precondition_required", 428


class PreconditionFailed(ProtocolError):
    """Somebody changed it since (``If-Match`` names an older version)."""

    code, status = "precondition_failed", 412


class BadRequest(ProtocolError):
    """The request cannot be read."""

    code, status = "bad_request", 400


class RangeNotSatisfiable(ProtocolError):
    """The file has no such part (``Range``)."""

    code, status = "range_not_satisfiable", 416


class InternalError(ProtocolError):
    """A fault of the centre; ``id`` finds it in the log."""

    code, status = "internal_error", 500


class NotReady(ProtocolError):
    """The database cannot be reached, or is not at the version this program needs."""

    code, status = "not_ready", 503


class UnsupportedMediaType(ProtocolError):
    """The body is of another kind than this address reads."""

    code, status = "unsupported_media_type", 415


class UploadMismatch(ProtocolError):
    """The whole file does not have the hash that its record says; the upload is gone, begin a new one."""

    code, status = "upload_mismatch", 409


class NotEnoughStorage(ProtocolError):
    """The centre's disk is full."""

    code, status = "not_enough_storage", 507


class OffsetMismatch(ProtocolError):
    """The upload stands at another offset (``offset``) than the client believes; nothing is lost, go on from there."""

    code, status = "upload_mismatch", 409


class ChecksumMismatch(ProtocolError):
    """The bytes of this request were damaged on the way and do not count; go on from ``offset`` (tus: 460)."""

    code, status = "upload_mismatch", 460


class UploadBusy(ProtocolError):
    """Another request is sending to this upload; ask for its offset and go on."""

    code, status = "server_busy", 423


class WrongTusVersion(ProtocolError):
    """Only tus 1.0.0 is spoken here: the header ``Tus-Resumable`` is missing or names another version."""

    code, status = "unsupported_tus_version", 412


class AlreadyMerged(ProtocolError):
    """The record is one with another already; take them apart first."""

    code, status = "already_merged", 409


class NotMerged(ProtocolError):
    """The record is not merged, or no longer by the merge that was named."""

    code, status = "not_merged", 409


class StaleResolution(ProtocolError):
    """Another value came in, or the field changed, since the conflict was looked at."""

    code, status = "stale_resolution", 409


class ConflictResolvedAlready(ProtocolError):
    """Somebody decided it before."""

    code, status = "conflict_resolved_already", 409


class CodeMismatch(ProtocolError):
    """The code that was typed is not that of the request: it was misheard, or somebody else is asking."""

    code, status = "code_mismatch", 409


class KeyRecoveryClosed(ProtocolError):
    """The request was approved or refused before, or is too old (``state``)."""

    code, status = "key_recovery_closed", 409


class DeliveryUnreadable(ProtocolError):
    """The centre cannot open this delivery, or does not know the device that wrote it; it can only be dismissed."""

    code, status = "delivery_unreadable", 409


class DeliveryDecided(ProtocolError):
    """Somebody applied or dismissed this delivery before (``state``)."""

    code, status = "delivery_decided", 409


class StillRefused(ProtocolError):
    """Also as corrected it cannot be taken; ``outcomes`` says why of each part, and nothing was changed."""

    code, status = "still_refused", 422


class SettledAlready(ProtocolError):
    """It was settled before, or has gone through by itself; ``how`` says which."""

    code, status = "settled_already", 409
