"""A centre that answers what a test wrote down, and remembers what it was sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from field_kit.link import Enrolment
from field_kit.tus import Upload
from sync.checksum import checksum
from sync.messages import (
    CheckReply,
    CheckRequest,
    Cursor,
    Gone,
    Limits,
    MutationOutcome,
    PullReply,
    PullRequest,
    PushReply,
    PushRequest,
    Put,
    Table,
    WitnessReply,
    WitnessRequest,
)
from sync.mutation import Mutation, read
from tests.field_kit.device import EPOCH, SERVER_TIME, USER

Answer = Any
"""A reply, an exception to raise, or a function of the request."""


def sent(request: PushRequest) -> list[list[Mutation]]:
    """Return the groups of a push as mutations."""
    groups = [[read(raw) for raw in group] for group in request.groups]
    return [[each for each in group if isinstance(each, Mutation)] for group in groups]


def flat(request: PushRequest) -> list[Mutation]:
    """Return the mutations of a push."""
    return [mutation for group in sent(request) for mutation in group]


def answered(request: PushRequest, commit: int = 5, outcome: str = "applied", **more: Any) -> PushReply:
    """Return the reply that gives every mutation of a push one outcome."""
    mutations = flat(request)
    return PushReply(
        epoch=EPOCH,
        applied_through=mutations[-1].seq if mutations else request.after.seq,
        safe_through=more.pop("safe_through", 0),
        commit=commit,
        server_time=SERVER_TIME,
        outcomes=[MutationOutcome(mutation.id, outcome, commit, **more) for mutation in mutations],
        limits=Limits(),
    )


def page(
    checkpoint: Mapping[str, Cursor],
    *tables: Table,
    commit: int = 5,
    complete: bool = True,
    checksums: Mapping[str, tuple[int, int, str]] | None = None,
    add: list[str] | None = None,
    drop: list[str] | None = None,
) -> PullReply:
    """Return one page of a pull."""
    return PullReply(
        epoch=EPOCH,
        commit=commit,
        server_time=SERVER_TIME,
        checkpoint=dict(checkpoint),
        add=add or [],
        drop=drop or [],
        tables=list(tables),
        complete=complete,
        checksums=dict(checksums or {}),
    )


def table(kind: str, fields: list[str], *put: Put, gone: list[Gone] | None = None) -> Table:
    """Return the rows of one type."""
    return Table(kind, fields, list(put), gone or [])


def sums(commit: int, bucket: str, *entries: tuple[str, int]) -> dict[str, tuple[int, int, str]]:
    """Return the checksum of one bucket as a complete page has it."""
    found = checksum(entries)
    return {bucket: (commit, found.count, found.hex)}


@dataclass
class Centre:
    """Answers in the order written; without anything written, everything is applied and nothing is new."""

    pushes: list[Answer] = field(default_factory=list)
    pulls: list[Answer] = field(default_factory=list)
    verified: set[str] = field(default_factory=set)
    pushed: list[PushRequest] = field(default_factory=list)
    pulled: list[PullRequest] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    checked: list[CheckRequest] = field(default_factory=list)
    witnessed: list[WitnessRequest] = field(default_factory=list)
    delivered: list[bytes] = field(default_factory=list)
    wiped: int = 0
    door: BaseException | None = None
    receive: Callable[[Upload], None] = lambda upload: None

    def push(self, request: PushRequest) -> PushReply:
        self.pushed.append(msgspec.json.decode(msgspec.json.encode(request), type=PushRequest))
        reply: PushReply = _said(self.pushes.pop(0) if self.pushes else answered, request)
        return reply

    def pull(self, request: PullRequest) -> PullReply:
        self.pulled.append(request)
        answer = self.pulls.pop(0) if self.pulls else (lambda asked: page(asked.checkpoint))
        reply: PullReply = _said(answer, request)
        return reply

    def check(self, request: CheckRequest) -> CheckReply:
        self.checked.append(request)
        states = {bucket: self.states.get(bucket, "equal") for bucket in request.buckets}
        return CheckReply(EPOCH, request.commit, SERVER_TIME, states)

    def witnesses(self, request: WitnessRequest) -> WitnessReply:
        self.witnessed.append(request)
        return WitnessReply(EPOCH, SERVER_TIME, received=len(request.witnesses))

    def deliver(self, sealed: bytes) -> None:
        if isinstance(self.door, BaseException):
            raise self.door
        self.delivered.append(sealed)

    def confirm_wiped(self) -> None:
        if isinstance(self.door, BaseException):
            raise self.door
        self.wiped += 1

    def close(self) -> None:
        pass

    def verified_files(self, hashes: Mapping[str, str]) -> list[str]:
        return [each for each in hashes if each in self.verified]

    def upload(self, upload: Upload) -> None:
        self.uploads.append(upload)
        self.receive(upload)
        self.verified.add(upload.attachment)


@dataclass
class Welcoming:
    """A centre that enrols whoever asks."""

    server_url: str = "http://centre.test"
    asked: int = 0
    user: str = USER
    named: str = ""
    public_key: str | None = None

    def enrol(self, code: str, name: str, platform: str, client_version: str, device: str | None = None) -> Enrolment:
        self.asked += 1
        self.named = name
        given = device or f"device-{self.asked}"
        return Enrolment(given, f"t{self.asked}", {"id": self.user}, EPOCH, 1, 1, SERVER_TIME, self.public_key)

    def close(self) -> None:
        pass


def _said(answer: Answer, request: Any) -> Any:
    if isinstance(answer, BaseException):
        raise answer
    return answer(request) if callable(answer) else answer
