"""Resumable uploads by tus 1.0 (creation, checksum) over the kit's own connection.

tuspy speaks the same but sets no timeout and opens a connection for every chunk, which a rural link does not forgive.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from field_kit.errors import GarbledReply

CHUNK_BYTES = 64 * 1024
"""What a window of half a minute at 20 kbit/s carries; after each chunk the upload can go on elsewhere."""

DIGITS = re.compile("[0-9]{1,18}")

FORGOTTEN = frozenset({403, 404, 410})
"""The centre no longer knows an upload: begin anew."""


class Answer(Protocol):
    """What is read of an HTTP response."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Any: ...
    @property
    def url(self) -> Any: ...


Exchange = Callable[..., Answer]
"""``exchange(method, url, content=…, headers=…)``; raises for a broken link and for every refusal not ``allowed``."""


Join = Callable[[Any, str], str]
"""``join(url, location)``: the address that an answer from ``url`` names; raises for one that is not at the centre."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way: where it goes on (``address``), who keeps a new address, who is told of progress."""

    attachment: str
    sha256: str
    content: bytes
    address: str | None
    remember: Callable[[str], None]
    moved: Callable[[int], None]
    """Told how many bytes have arrived so far."""


def send(exchange: Exchange, join: Join, uploads_url: str, upload: Upload) -> None:
    """Send what is missing of a file. Whether it arrived whole, only the centre's word on its hash says."""
    offset = _offset(exchange, upload.address) if upload.address else None
    address = upload.address
    if address is None or offset is None:
        address, offset = _create(exchange, join, uploads_url, upload), 0
        upload.remember(address)
    while offset < len(upload.content):
        reached = _send_chunk(exchange, address, offset, upload.content[offset : offset + CHUNK_BYTES])
        if reached <= offset:
            raise GarbledReply("bytes were taken and the upload stands where it stood")
        offset = reached
        upload.moved(offset)


def _create(exchange: Exchange, join: Join, uploads_url: str, upload: Upload) -> str:
    metadata = {"attachment": upload.attachment, "sha256": upload.sha256}
    headers = {
        "Upload-Length": str(len(upload.content)),
        "Upload-Metadata": ",".join(f"{key} {_base64(value.encode())}" for key, value in metadata.items()),
    }
    response = exchange("POST", uploads_url, headers=_with_version(headers))
    if "Location" not in response.headers:
        raise GarbledReply("an upload was created without an address")
    return join(response.url, response.headers["Location"])


def _offset(exchange: Exchange, address: str) -> int | None:
    """Return how much has arrived, or ``None`` when the centre no longer knows the upload."""
    response = exchange("HEAD", address, headers=_with_version({}), allowed=FORGOTTEN)
    return None if response.status_code in FORGOTTEN else _read_offset(response)


def _send_chunk(exchange: Exchange, address: str, offset: int, chunk: bytes) -> int:
    headers = {
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
        "Upload-Checksum": f"sha1 {_base64(hashlib.sha1(chunk, usedforsecurity=False).digest())}",
    }
    return _read_offset(exchange("PATCH", address, content=chunk, headers=_with_version(headers)))


def _read_offset(response: Answer) -> int:
    offset = response.headers.get("Upload-Offset", "")
    if not DIGITS.fullmatch(offset):
        raise GarbledReply("an upload without an offset")
    return int(offset)


def _with_version(headers: Mapping[str, str]) -> dict[str, str]:
    return {"Tus-Resumable": "1.0.0", **headers}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
