"""What a sync needs of the link to the centre. ``transport`` is the real one; tests put a faulty one in its place."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from field_kit.tus import Upload
from sync.messages import (
    CheckReply,
    CheckRequest,
    Limits,
    PullReply,
    PullRequest,
    PushReply,
    PushRequest,
    WitnessReply,
    WitnessRequest,
)


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


class KeyQuestion(msgspec.Struct, frozen=True):
    """Of which device the passphrase was forgotten; its data key as sealed to the centre; to whom to answer."""

    device: str
    box: str
    public_key: str


class KeyAnswer(msgspec.Struct, frozen=True):
    """What staff decided: ``open``, ``approved``, ``refused``, ``expired``; the data key once approved."""

    id: str
    state: str
    answer: str | None = None


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

    def check(self, request: CheckRequest) -> CheckReply:
        """Compare contents."""

    def witnesses(self, request: WitnessRequest) -> WitnessReply:
        """Offer rows that a restored centre may have lost."""

    def deliver(self, sealed: bytes) -> None:
        """Leave one sealed part at the centre."""

    def confirm_wiped(self) -> None:
        """Say that everything on this device was deleted."""

    def close(self) -> None:
        """Close the link."""

    def verified_files(self, hashes: Mapping[str, str]) -> list[str]:
        """Return those of some attachments (id -> SHA-256) whose bytes arrived with that hash."""

    def upload(self, upload: Upload) -> None:
        """Send the rest of a file; whether it arrived whole only ``verified_files`` says."""
