"""The headers of tus 1.0 in the OpenAPI document: those that a client sends, and those that it is answered."""

from typing import Any

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
BODY_TYPE = "application/offset+octet-stream"

_MEANINGS = {
    "Tus-Resumable": "the version of tus",
    "Tus-Version": "the versions of tus that are spoken here",
    "Tus-Extension": "the extensions of tus that are spoken here",
    "Tus-Max-Size": "the largest file, in bytes",
    "Tus-Checksum-Algorithm": "the algorithms of Upload-Checksum",
    "Location": "the address of the upload, below this host",
    "Upload-Length": "bytes of the whole file",
    "Upload-Offset": "bytes that have arrived; of a PATCH, where its bytes begin",
    "Upload-Metadata": "pairs of a key and a base64 value, separated by commas: attachment (the id of its record), "
    "sha256 (64 hexadecimal digits of the whole file)",
    "Upload-Checksum": "sha1 or sha256, a space, the base64 of the digest of this request's bytes",
    "Upload-Expires": "until when the rest may come (an HTTP date); left out once all has arrived",
}
_NUMBERS = ("Upload-Length", "Upload-Offset", "Tus-Max-Size")
_OF_VERSION = {"enum": [VERSION]}


def asks(*names: str, optional: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return request headers as parameters; the version goes with every request."""
    every = ("Tus-Resumable", *names, *optional)
    return [
        {
            "in": "header",
            "name": name,
            "required": name not in optional,
            "description": _MEANINGS[name],
            "schema": _schema(name),
        }
        for name in every
    ]


def tells(description: str, *names: str, sometimes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return an answer without a body and its headers; the version comes with every answer."""
    return {
        "description": description,
        "headers": {
            name: {"description": _MEANINGS[name], "required": name not in sometimes, "schema": _schema(name)}
            for name in ("Tus-Resumable", *names, *sometimes)
        },
    }


def takes_bytes(*, required: bool) -> dict[str, Any]:
    """Return the body of a request that brings bytes of the file."""
    schema = {"type": "string", "format": "binary"}
    return {"required": required, "content": {BODY_TYPE: {"schema": schema}}}


def _schema(name: str) -> dict[str, Any]:
    if name in _NUMBERS:
        return {"type": "integer", "minimum": 0}
    return {"type": "string"} | (_OF_VERSION if name == "Tus-Resumable" else {})
