"""What a sync needs of the link to the centre. ``transport`` is the real one; tests put a faulty one in its place."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from field_kit.tus import Upload
from sync.messages import Limits, PullReply, PullRequest, PushReply, PushRequest


class Enrolment(msgspec.Struct, frozen=True):
    """What the centre gives a new device."""

    device: str
    token: str
    user: dict[str, Any]
    epoch: str
    protocol: int
    schema: int
    server_time: str
    centre_public_key: str | None = None
    limits: Limits = Limits()


class FileStatus(msgspec.Struct, frozen=True):
    """What the centre holds of one attachment; ``verified`` once bytes and hash agree."""

    id: str
    sha256: str | None = None
    verified: bool = False


class FileStatuses(msgspec.Struct, frozen=True):
    """The answer about several attachments."""

    attachments: list[FileStatus]


class Welcome(Protocol):
    """A link over which a device enrols."""

    server_url: str

    def enrol(self, code: str, name: str, platform: str, client_version: str, device: str | None = None) -> Enrolment:
        """Use a code; ``device`` is the id of one that comes back."""

    def close(self) -> None:
        """Close the link."""


class Transport(Protocol):
    """What ``synchronize`` needs of a link; tests put a faulty one in its place."""

    def push(self, request: PushRequest) -> PushReply:
        """Send mutations."""

    def pull(self, request: PullRequest) -> PullReply:
        """Fetch one page."""

    def verified_files(self, hashes: Mapping[str, str]) -> list[str]:
        """Return those of some attachments (id -> SHA-256) whose bytes arrived with that hash."""

    def upload(self, upload: Upload) -> None:
        """Send the rest of a file; whether it arrived whole only ``verified_files`` says."""
