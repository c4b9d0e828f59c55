"""A device that speaks the protocol from prepared bodies, so that only the centre is measured."""

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import msgspec

from sync.messages import PullReply, PullRequest
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION
from tests.bench.workload import new_id

AT = "2026-11-23T02:00:00.000Z"


@dataclass
class WireDevice:
    """One enrolled device with one kept connection."""

    url: str
    code: str
    seed: int = 1
    seq: int = 0
    after: dict[str, Any] = field(default_factory=lambda: {"seq": 0, "id": None})

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.client = httpx.Client(base_url=f"{self.url}/api/v1", timeout=60)
        about = {"code": self.code, "name": "bench", "platform": "bench", "client_version": "1"}
        given = self.client.post("/devices", json=about).raise_for_status().json()
        self.device, self.epoch = given["device"], given["epoch"]
        self.client.headers["Authorization"] = f"Bearer {given['token']}"
        self.incarnation = new_id(self.random, 0)

    def mutations(self, type_: str, made: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the creates of records, numbered after the last prepared."""
        creates = []
        for data in made:
            self.seq += 1
            ids = {"id": new_id(self.random, self.seq), "record": new_id(self.random, self.seq)}
            creates.append({"seq": self.seq, **ids, "op": "create", "type": type_, "recorded_at": AT, "data": data})
        return creates

    def bodies(self, mutations: Sequence[dict[str, Any]], per_push: int = 500) -> list[bytes]:
        """Return gzip push bodies of so many mutations, each its own group; they follow the last ones prepared."""
        found = []
        for start in range(0, len(mutations), per_push):
            batch = mutations[start : start + per_push]
            found.append(gzip.compress(msgspec.json.encode(self.push_request(batch)), 6))
            self.after = {"seq": batch[-1]["seq"], "id": batch[-1]["id"]}
        return found

    def push_request(self, batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return one push."""
        return {
            "protocol": PROTOCOL_VERSION,
            "schema": SCHEMA_VERSION,
            "epoch": self.epoch,
            "device": self.device,
            "incarnation": self.incarnation,
            "lane": "normal",
            "after": self.after,
            "sent_at": AT,
            "groups": [[mutation] for mutation in batch],
        }

    def push(self, body: bytes) -> None:
        """Send a prepared push; every mutation must be applied."""
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        reply = self.client.post("/sync/push", content=body, headers=headers).raise_for_status().json()
        refused = [each for each in reply["outcomes"] if each["outcome"] != "applied"]
        assert not refused, refused[0]

    def pull(self, checkpoint: dict[str, Any]) -> PullReply:
        """Fetch one page from where the device stands."""
        request = PullRequest(PROTOCOL_VERSION, self.epoch, self.device, SCHEMA_VERSION, checkpoint)
        reply = self.client.post("/sync/pull", content=msgspec.json.encode(request)).raise_for_status()
        return msgspec.json.decode(reply.content, type=PullReply)

    def pull_to_the_end(self) -> dict[str, Any]:
        """Fetch everything; return the checkpoint at the end."""
        checkpoint: dict[str, Any] = {}
        while True:
            reply = self.pull(checkpoint)
            checkpoint = {key: at for key, at in (checkpoint | reply.checkpoint).items() if key not in reply.drop}
            if reply.complete:
                return checkpoint
