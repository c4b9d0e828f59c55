"""Every protocol error: its code, HTTP status and meaning. Texts for people live in ``schemas.messages``."""

from typing import Any, ClassVar


class ProtocolError(Exception):
    """An exchange refused as a whole. ``extra`` goes into the problem body beside the code."""

    code: ClassVar[str]
    status: ClassVar[int]

    def __init__(self, **extra: Any) -> None:
        super().__init__(self.code)
        self.extra = extra


class Unauthenticated(ProtocolError):
    """No token, or one that is unknown."""

    code, status = "unauthenticated", 401


class TokenExpired(ProtocolError):
    """The token was good once; the device logs in again."""

    code, status = "token_expired", 401


class DeviceRevoked(ProtocolError):
    """The device was cancelled: ``order`` says ``lost`` or ``left``."""

    code, status = "device_revoked", 403


class NotPermitted(ProtocolError):
    """The user's roles do not allow this, or the record is not theirs to see."""

    code, status = "not_permitted", 403


class MalformedBody(ProtocolError):
    """The body is not what the protocol describes: not JSON, not UTF-8, not the message's shape."""

    code, status = "malformed_json", 400


class ValidationFailed(ProtocolError):
    """The body is well formed and says something that cannot be; ``errors`` says where."""

    code, status = "validation_failed", 422


class UnsupportedEncoding(ProtocolError):
    """A Content-Encoding other than gzip, zstd or identity."""

    code, status = "unsupported_encoding", 415


class PayloadTooLarge(ProtocolError):
    """Over ``limits`` (``bytes_max``), or compressed too well (``ratio_max``); the client halves the batch."""

    code, status = "payload_too_large", 413


class SequenceGap(ProtocolError):
    """The first mutation does not follow the last one received (``last``)."""

    code, status = "sequence_gap", 409


class DeviceForked(ProtocolError):
    """A known sequence number came with another id: the device was restored or copied."""

    code, status = "device_forked", 409


class EpochChanged(ProtocolError):
    """The server was restored; ``restored_to`` is the lowest commit that survived since the device's epoch."""

    code, status = "epoch_changed", 409


class ClientTooOld(ProtocolError):
    """Protocol or schema older than the oldest accepted."""

    code, status = "client_too_old", 426


class ProtocolUnsupported(ProtocolError):
    """A protocol newer than this server speaks (``protocol``). A newer schema is welcome."""

    code, status = "protocol_unsupported", 400


class TooManyRequests(ProtocolError):
    """Slow down; ``retry_after_ms`` says how long."""

    code, status = "too_many_requests", 429


class ServerBusy(ProtocolError):
    """The store could not take the write now; nothing was written, the same request may be sent again."""

    code, status = "server_busy", 503
