"""A crowd of devices that push, upload and enrol over kept connections, whatever becomes of the centre meanwhile.

Each remembers what it sent until it is answered, sends it again after every cut, and writes every answer down.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any

import httpx
import msgspec

from field_kit.errors import KitError, ServerRefused
from field_kit.transport import HttpTransport
from field_kit.tus import Upload
from server.demo.photos import photo
from sync.errors import ProtocolError
from sync.messages import PushReply, PushRequest
from tests.acceptance.http_phone import HttpPhone, Link, RemoteStore
from tests.acceptance.office import PHRAE, Office
from tests.acceptance.records import a_case, a_visit
from tests.crash.promised import Place, Promises

BROKEN = (httpx.TransportError, httpx.DecodingError, msgspec.DecodeError, KitError)
"""What a client sees of a centre that died."""

PAUSE_S, BUSY_PAUSE_S = 0.02, 0.2
BEYOND = 500
"""Statuses from here on promise nothing."""


class Stopped(Exception):
    """The harness has seen enough."""


@dataclass
class Counts:
    """What the crowd did. ``under_way``: requests that wait for an answer now."""

    asked: int = 0
    cut: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    replays: int = 0
    under_way: int = 0


@dataclass
class Member:
    """One device and its person. Only this member changes the records in ``mine``."""

    phone: HttpPhone
    promises: Promises
    counts: Counts
    random: Random
    stopped: threading.Event
    shared: list[str]
    mine: dict[str, int] = field(default_factory=dict)
    """case -> the commit that last changed it"""
    waiting: list[PushRequest] = field(default_factory=list)
    """Answered pushes, to be sent again some day."""
    weights: tuple[int, int, int, int] = (8, 1, 1, 1)
    """How often it pushes, sends again, uploads, pulls."""

    def work(self, steps: int | None = None) -> None:
        """Do one thing after the other until the harness stops it, then bring what is under way to its end."""
        done = 0
        while not self.stopped.is_set() and (steps is None or done < steps):
            self.random.choices((self.push_some, self.replay, self.upload, self.pull), self.weights)[0]()
            done += 1

    # --- requests

    def insist(self, ask: Callable[[], Any]) -> Any:
        """Ask until there is an answer that is no breakdown."""
        while True:
            self.counts.asked += 1
            self.counts.under_way += 1
            try:
                return ask()
            except ServerRefused as refused:
                self.refused(str(refused.facts["server_code"]), int(refused.facts["status"]), refused)
            except BROKEN:
                self.counts.cut += 1
            except ProtocolError as refused:
                self.refused(refused.code, refused.status, refused)
            finally:
                self.counts.under_way -= 1
            threading.Event().wait(PAUSE_S)

    def refused(self, code: str, status: int, error: Exception) -> None:
        """Count a refusal after which the same may be asked again, and wait a little; another one goes on."""
        if status < BEYOND:
            raise error
        self.counts.refused[code] = self.counts.refused.get(code, 0) + 1
        threading.Event().wait(BUSY_PAUSE_S)

    def send(self, request: PushRequest) -> PushReply:
        """Push until it is answered, and write down what was answered."""
        reply: PushReply = self.insist(lambda: self.phone.send(request))
        places = {}
        for raw in (raw for group in request.groups for raw in group):
            sent = msgspec.json.decode(raw)
            places[sent["id"]] = Place(request.device, request.incarnation, request.lane, sent["seq"])
        for outcome in reply.outcomes:
            self.promises.acknowledge(places[outcome.id], outcome)
        if {each.id for each in reply.outcomes} != set(places):
            self.promises.broken.append(f"a push of {len(places)} mutations was answered for {len(reply.outcomes)}")
        return reply

    # --- what it does

    def push_some(self) -> None:
        """Push a few groups of several kinds."""
        groups, wanted = self.some_groups()
        request = self.phone.request(*groups)
        reply = self.send(request)
        self.phone.last = msgspec.structs.replace(self.phone.last, seq=reply.applied_through, id=groups[-1][-1]["id"])
        self.phone.contacted_at = reply.server_time
        told = {each.id: each for each in reply.outcomes}
        for mutation, (record, data) in wanted.items():
            if told[mutation].outcome != "applied":
                self.promises.broken.append(f"mutation {mutation}, which nothing hinders, is {told[mutation]}")
            self.promises.expect(record, data)
            if record in self.mine or data.get("reference_number"):
                self.mine[record] = told[mutation].commit
        self.waiting = [*self.waiting[-20:], request]

    def some_groups(self) -> tuple[list[list[dict[str, Any]]], dict[str, tuple[str, dict[str, Any]]]]:
        """Return groups, and for each mutation that must be applied: its record and what that holds then."""
        groups: list[list[dict[str, Any]]] = []
        wanted: dict[str, tuple[str, dict[str, Any]]] = {}

        def create(*made: dict[str, Any]) -> None:
            groups.append(list(made))
            wanted.update({each["id"]: (each["record"], each["data"]) for each in made})

        phone, random = self.phone, self.random
        case = a_case(phone, PHRAE, summary=f"เรื่องที่ {random.random()}")
        create(case, a_visit(phone, case["record"], narrative=f"พบที่บ้าน {random.random()}"))
        changed = set[str]()
        for _ in range(random.randrange(0, 12)):
            owner = random.choice([*self.mine, case["record"]])
            create(a_visit(phone, owner, narrative=f"ครั้งที่ {random.random()}"))
        for each in random.sample(sorted(self.mine), min(len(self.mine), random.randrange(0, 4))):
            if each in changed:
                continue
            changed.add(each)
            groups.append([self.changed_summary(each, wanted)])
        if random.random() < 0.3:
            groups.append([a_case(phone, PHRAE, urgency="very")])  # refused
        if random.random() < 0.3:
            groups.append([self.shared_edit()])
        if random.random() < 0.2:
            late = a_case(phone, PHRAE)
            groups.append([a_visit(phone, late["record"], narrative="มาก่อน")])  # waits for the next
            groups.append([late])
        return groups, wanted

    def changed_summary(self, record: str, wanted: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
        """Return a change of the summary of a case that this device alone changes."""
        before = self.promises.held[record]["summary"]
        after = f"แก้ครั้งที่ {self.random.random()}"
        edit = self.phone.update("case", record, self.mine[record], set={"summary": [before, after]})
        wanted[edit["id"]] = (record, {"summary": after})
        return edit

    def shared_edit(self) -> dict[str, Any]:
        """Return an edit of a case that everybody changes, on an old base: it meets the edits of others."""
        value = self.random.choice(["low", "normal", "urgent", "most_urgent"])
        record = self.random.choice(self.shared)
        return self.phone.update("case", record, 1, set={"urgency": [None, value]})

    def replay(self) -> None:
        """Send an answered push again: every outcome must be the recorded one."""
        if self.waiting:
            self.counts.replays += 1
            self.send(self.random.choice(self.waiting))

    def upload(self) -> None:
        """Attach a photo to a case and send its bytes."""
        if not self.mine:
            return
        content = photo(self.random)
        digest = sha256(content).hexdigest()
        about = {"sha256": digest, "size": len(content), "media_type": "image/png", "name": "IMG.png"}
        made = self.phone.create("attachment", owner_record=self.random.choice(sorted(self.mine)), **about)
        reply = self.send(self.phone.request([made]))
        self.phone.last = msgspec.structs.replace(self.phone.last, seq=reply.applied_through, id=made["id"])
        self.promises.expect(made["record"], made["data"])
        transport = HttpTransport(self.phone.link.url, self.phone.link.token)
        address: list[str] = []

        def send() -> None:
            going = Upload(
                made["record"], digest, content, address[-1] if address else None, address.append, lambda _: None
            )
            transport.upload(going)

        self.insist(send)
        transport.close()
        with self.promises.lock:
            self.promises.files[made["record"]] = digest

    def pull(self) -> None:
        """Fetch what is new; the checksums of all buckets must agree."""
        try:
            self.insist(self.phone.pull_page)
            if self.phone.last_pull and self.phone.last_pull.complete:
                said = {key: (count, total) for key, (_, count, total) in self.phone.last_pull.checksums.items()}
                if self.phone.checksums() != said:
                    self.promises.broken.append("a device and the centre have different checksums")
        except ProtocolError as refused:
            self.promises.broken.append(f"a pull was refused: {refused.code}")


def kept_link(office: Office, token: str) -> Link:
    """Return a link that keeps its connection, as devices do."""
    link = office.link(token)
    link.client.close()
    link.client = httpx.Client(base_url=link.url, headers=link.client.headers, timeout=60, trust_env=False)
    return link


@contextmanager
def crowd(
    office: Office,
    promises: Promises,
    counts: Counts,
    members: int,
    random: Random,
    weights: tuple[int, int, int, int] = Member.weights,
) -> Iterator[list[Member]]:
    """Let so many devices work until the end of the block, then let each finish what it is at."""
    stopped = threading.Event()
    shared = shared_cases(office, promises)
    people = [
        new_member(office, promises, counts, Random(random.getrandbits(48)), stopped, shared) for _ in range(members)
    ]
    for each in people:
        each.weights = weights
    threads = [threading.Thread(target=guarded, args=(each.work, promises), daemon=True) for each in people]
    for thread in threads:
        thread.start()
    try:
        yield people
    finally:
        stopped.set()
        for thread in threads:
            thread.join(120)
            if thread.is_alive():
                promises.broken.append("a device never came to its end")


def guarded(work: Callable[[], None], promises: Promises) -> None:
    """Do a thread's work; what ends it before its time is a broken promise too."""
    try:
        work()
    except Exception as error:
        promises.broken.append(f"a device gave up: {type(error).__name__}: {error}")


def new_member(
    office: Office, promises: Promises, counts: Counts, random: Random, stopped: threading.Event, shared: list[str]
) -> Member:
    """Enrol somebody of the province."""
    phone = office.phone(f"social_worker@{PHRAE.scope}")
    phone.centre.store = RemoteStore(kept_link(office, phone.link.token))  # type: ignore[assignment]
    promises.devices[phone.device] = phone.link.token
    return Member(phone, promises, counts, random, stopped, shared)


def shared_cases(office: Office, promises: Promises) -> list[str]:
    """Make the cases that everybody edits."""
    phone = office.phone(f"social_worker@{PHRAE.scope}")
    made = [a_case(phone, PHRAE) for _ in range(3)]
    for each in made:
        phone.push([each])
    return [each["record"] for each in made]


def enrol_now_and_then(office: Office, person: dict[str, Any], promises: Promises, stopped: threading.Event) -> None:
    """Enrol devices, one after the other; what was answered is remembered, a lost answer costs the code."""
    while not stopped.is_set():
        with suppress(AssertionError, *BROKEN):
            about = {"name": "เครื่อง", "platform": "test", "client_version": "crash"}
            told = office.link().json("POST", "/devices", about | {"code": office.code(person)})
            with promises.lock:
                promises.devices[told["device"]] = told["token"]
        stopped.wait(0.5)
