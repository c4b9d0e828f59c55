"""The only network code. Every method is one exchange: it succeeds, or raises what the centre or the link said."""

import gzip
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import httpx
import msgspec

from field_kit import tus
from field_kit.errors import GarbledReply, Offline, TimedOut, Unreachable
from field_kit.link import Enrolment, FileStatuses, KeyAnswer, KeyQuestion
from field_kit.problems import raise_problem
from field_kit.tus import Upload
from sync.messages import (
    CheckReply,
    CheckRequest,
    PullReply,
    PullRequest,
    PushReply,
    PushRequest,
    WitnessReply,
    WitnessRequest,
)

TIMEOUT = httpx.Timeout(60, connect=15)
"""Seconds without a byte. A slow link that moves is never given up."""

GZIP_FROM_BYTES = 500

GZIP_RATIO_MAX = 100
"""The centre refuses what grows 200 times as a bomb. A key held down is no bomb: such a body goes as it is."""

T = TypeVar("T")


class HttpTransport:
    """The protocol over HTTP, with one kept connection."""

    def __init__(
        self, server_url: str, token: str | None = None, *, language: str = "th", client: httpx.Client | None = None
    ) -> None:
        self.server_url = server_url.rstrip("/")
        self._headers = {"Accept-Language": language, "User-Agent": "field-kit"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._client = client or httpx.Client(timeout=TIMEOUT)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def enrol(self, code: str, name: str, platform: str, client_version: str, device: str | None = None) -> Enrolment:
        """Turn this device into somebody's with their one-use code, or give ``device``, which was away, a new token."""
        body = {"code": code, "name": name, "platform": platform, "client_version": client_version}
        return self._post("/api/v1/devices", body | ({"device": device} if device else {}), Enrolment)

    def push(self, request: PushRequest) -> PushReply:
        """Send mutations."""
        return self._post("/api/v1/sync/push", request, PushReply)

    def pull(self, request: PullRequest) -> PullReply:
        """Fetch one page."""
        return self._post("/api/v1/sync/pull", request, PullReply)

    def check(self, request: CheckRequest) -> CheckReply:
        """Compare contents."""
        return self._post("/api/v1/sync/check", request, CheckReply)

    def witnesses(self, request: WitnessRequest) -> WitnessReply:
        """Offer rows that a restored centre may have lost."""
        return self._post("/api/v1/sync/witnesses", request, WitnessReply)

    def deliver(self, sealed: bytes) -> None:
        """Leave one sealed part at the centre; it gives a receipt and says no more."""
        headers = {"Content-Type": "application/octet-stream"}
        self._exchange("POST", f"{self.server_url}/api/v1/deliveries", content=sealed, headers=headers)

    def confirm_wiped(self) -> None:
        """Say that everything on this device was deleted."""
        self._exchange("POST", f"{self.server_url}/api/v1/devices/me/wiped", headers={})

    def ask_for_key(self, question: KeyQuestion) -> KeyAnswer:
        """Ask the centre to seal the data key to a key of this one time."""
        return self._post("/api/v1/key-recoveries", question, KeyAnswer)

    def key_answer(self, id_: str) -> KeyAnswer:
        """Ask whether staff have decided."""
        response = self._exchange("GET", f"{self.server_url}/api/v1/key-recoveries/{id_}", headers={})
        return _decoded(response, KeyAnswer)

    def verified_files(self, hashes: Mapping[str, str]) -> list[str]:
        """Return those of some attachments (id -> SHA-256) whose bytes arrived with that hash."""
        statuses = self._post("/api/v1/attachments/status", {"attachments": list(hashes)}, FileStatuses).attachments
        return [each.id for each in statuses if each.verified and each.sha256 == hashes.get(each.id, "")]

    def upload(self, upload: Upload) -> None:
        """Send the rest of a file by tus 1.0, from where the centre says it stopped."""
        tus.send(self._exchange, _joined, f"{self.server_url}/api/v1/uploads", upload)

    def _post(self, path: str, body: Any, answer: type[T]) -> T:
        raw = msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"}
        packed = gzip.compress(raw, 6) if len(raw) >= GZIP_FROM_BYTES else raw
        if packed is not raw and len(raw) <= GZIP_RATIO_MAX * len(packed):
            raw, headers["Content-Encoding"] = packed, "gzip"
        return _decoded(self._exchange("POST", self.server_url + path, content=raw, headers=headers), answer)

    def _exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes = b"",
        allowed: Collection[int] = (),
    ) -> httpx.Response:
        """Send one request; raise for a broken link, and for a refusal unless its status is ``allowed``."""
        try:
            response = self._client.request(method, url, content=content, headers={**self._headers, **headers})
        except (httpx.ConnectError, httpx.ConnectTimeout) as offline:
            raise Offline(str(offline)) from offline
        except httpx.TimeoutException as late:
            raise TimedOut(str(late)) from late
        except (httpx.TransportError, httpx.DecodingError) as broken:
            raise Unreachable(str(broken)) from broken
        except httpx.InvalidURL as nowhere:  # a redirection to no address
            raise GarbledReply(str(nowhere)) from nowhere
        if response.status_code >= 400 and response.status_code not in allowed:
            raise_problem(response.status_code, response.content, response.headers)
        if 300 <= response.status_code < 400:
            raise GarbledReply(f"HTTP {response.status_code}: somebody else answered, a sign-in page perhaps")
        return response


def _joined(centre: httpx.URL, said: str) -> str:
    """Return where an upload goes on: at the same centre, for the token travels with it.

    :raises GarbledReply: for an address elsewhere, or none at all.
    """
    try:
        address = centre.join(said)
    except (ValueError, httpx.InvalidURL) as garbled:
        raise GarbledReply(f"an upload at no address: {garbled}") from garbled
    if (address.scheme, address.host, address.port) != (centre.scheme, centre.host, centre.port):
        raise GarbledReply("an upload at another place than the centre")
    return str(address)


def _decoded(response: httpx.Response, answer: type[T]) -> T:
    try:
        return msgspec.json.decode(response.content, type=answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as garbled:
        raise GarbledReply(str(garbled)) from garbled
