"""Bodies on the wire: decompress within limits, compress what is worth it."""

import gzip
import zlib

import zstandard
from flask import Request, Response
from werkzeug.exceptions import RequestEntityTooLarge

from sync.errors import MalformedBody, PayloadTooLarge, UnsupportedEncoding

RATIO_FROM_BYTES = 65_536
"""Below this a body may be as much larger than on the wire as it likes: it does no harm."""

ZSTD_STEP_BYTES = 256
"""Three bytes of zstd can stand for 128 KiB, so it is unpacked in steps of at most some 11 MB."""

ZSTD_WINDOW_BYTES_MAX = 1 << 23

GZIP_WINDOW = 31
"""zlib's number for "a gzip header, largest window"."""


def body_of(request: Request, *, bytes_max: int, ratio_max: int) -> bytes:
    """Return the decompressed body of a request.

    :raises PayloadTooLarge: when it is larger than ``bytes_max``, or grows more than ``ratio_max`` times.
    :raises UnsupportedEncoding: for an encoding other than gzip, zstd and identity.
    :raises MalformedBody: when it is not what its encoding says.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "zstd"):
        raise UnsupportedEncoding(accepts=["gzip", "zstd", "identity"])
    raw = _received(request, bytes_max)
    if encoding == "identity":
        return raw
    unpacked = (_gunzip if encoding == "gzip" else _unzstd)(raw, bytes_max)
    if len(unpacked) > max(RATIO_FROM_BYTES, ratio_max * len(raw)):
        raise PayloadTooLarge(ratio_max=ratio_max)
    return unpacked


def _received(request: Request, bytes_max: int) -> bytes:
    """Return what arrived. A chunked body has no announced length and is cut off where it passes the limit."""
    request.max_content_length = bytes_max + 1
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise PayloadTooLarge(bytes_max=bytes_max) from None
    if len(raw) > bytes_max:
        raise PayloadTooLarge(bytes_max=bytes_max)
    return raw


def _gunzip(raw: bytes, bytes_max: int) -> bytes:
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        unpacked = unpacker.decompress(raw, bytes_max + 1)
    except zlib.error:
        raise MalformedBody(because="the body is not gzip") from None
    if len(unpacked) > bytes_max:
        raise PayloadTooLarge(bytes_max=bytes_max)
    if not unpacker.eof or unpacker.unused_data:
        raise MalformedBody(because="the gzip body is cut off or has more after its end")
    return unpacked


def _unzstd(raw: bytes, bytes_max: int) -> bytes:
    # The window is capped too: a frame of a few bytes may ask for gigabytes of it.
    unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX).decompressobj()
    unpacked = bytearray()
    try:
        for start in range(0, len(raw), ZSTD_STEP_BYTES):
            if unpacker.eof:
                raise MalformedBody(because="the zstd body has more after its end")
            unpacked += unpacker.decompress(raw[start : start + ZSTD_STEP_BYTES])
            if len(unpacked) > bytes_max:
                raise PayloadTooLarge(bytes_max=bytes_max)
    except zstandard.ZstdError:
        raise MalformedBody(because="the body is not zstd") from None
    if not unpacker.eof:
        raise MalformedBody(because="the zstd body is cut off")
    return bytes(unpacked)


def compressed(request: Request, response: Response, *, bytes_min: int) -> Response:
    """Compress a reply as its reader accepts, when that is worth it."""
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    accepted = request.accept_encodings
    if len(body) < bytes_min:
        return response
    if accepted["zstd"]:
        response.set_data(zstandard.ZstdCompressor(level=3).compress(body))
        response.content_encoding = "zstd"
    elif accepted["gzip"]:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.content_encoding = "gzip"
    return response
