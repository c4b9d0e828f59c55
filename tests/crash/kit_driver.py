"""An officer who never rests: saves, attaches and syncs in a loop, and says on standard output what was saved.

A line is written with one unbuffered write, after the call that saved has returned and before anything else is done.
"""

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from random import Random
from tempfile import NamedTemporaryFile
from typing import Any

from field_kit.errors import StoreFull, Unreachable
from field_kit.kit import FieldKit
from field_kit.surroundings import Surroundings, now_utc
from schemas.reference_number import mint
from schemas.thai import bangkok_date
from server.demo.photos import photo
from sync.errors import ProtocolError
from tests.acceptance.kit_process import PASSPHRASE, WEAK
from tests.acceptance.office import PHRAE

HURRY = 20
"""How many times faster than an officer this one tries again after a cut."""

REOPENED_EVERY = 60
"""Steps after which a recorded officer closes the device, which brings the file and its log together."""

WORLD = Surroundings(sleep=lambda seconds: time.sleep(seconds / HURRY))


def say(**what: Any) -> None:
    """Write one line, at once."""
    os.write(1, json.dumps(what, ensure_ascii=False).encode() + b"\n")


def enrol_and_work(home: str, url: str, code: str, tag: str, seed: str, steps: str, synchronous: str = "") -> None:
    """Make a folder somebody's device and work on it for so many steps, closing and opening it now and then."""
    FieldKit.enrol(url, code, home, PASSPHRASE, strength=WEAK, surroundings=WORLD).close()
    say(enrolled=True)
    work(home, tag, int(seed), int(steps), synchronous or None, REOPENED_EVERY)


def work(
    home: str,
    tag: str,
    seed: int,
    steps: int | None = None,
    synchronous: str | None = None,
    reopen_every: int | None = None,
    sync_share: float = 0.12,
) -> None:
    """Work on a device: so many steps, or until killed. ``synchronous``: a planted weakness of the file."""
    officer, done = Officer(home, tag, Random(seed), synchronous), 0
    while steps is None or done < steps:
        with officer.at_work():
            until = done + (reopen_every or (1 << 30))
            while done < until and (steps is None or done < steps):
                officer.step(sync_share)
                done += 1


@dataclass
class Officer:
    """One device and what is done on it. ``tag`` marks the cases that this officer alone changes."""

    home: str
    tag: str
    random: Random
    synchronous: str | None = None

    def at_work(self) -> FieldKit:
        """Open the device."""
        self.kit = FieldKit.open(self.home, PASSPHRASE, surroundings=WORLD)
        if self.synchronous:
            self.kit.database.execute(f"PRAGMA synchronous = {self.synchronous}")
        own = (each for each in self.kit.list("case") if each.data.get("summary", "").startswith(self.tag))
        self.mine = sorted(each.id for each in own)
        return self.kit

    def step(self, sync_share: float) -> None:
        """Do one thing."""
        chosen = self.random.choices((self.new, self.change, self.attach, self.raise_alarm), (4, 4, 2, 1))[0]
        if self.random.random() < sync_share:
            chosen = self.sync
        try:
            chosen()
        except StoreFull:
            say(full=True)
            time.sleep(0.05)

    def text(self) -> str:
        return f"{self.tag} {self.random.random()}" + " ฝนตกหนัก น้ำท่วมบ้าน" * self.random.randrange(1, 30)

    def saved(self, saved: Any, data: dict[str, dict[str, Any]], **files: str) -> None:
        say(saved=data, mutations=list(saved.mutations), files=files)

    def new(self) -> None:
        """Record a case and a visit to it."""
        about = {
            "reference_number": mint(self.random.getrandbits(64)),
            "received_on": (bangkok_date(now_utc()) - timedelta(days=1)).isoformat(),
            "intake_channel": "walk_in",
            "intake_district": PHRAE.district,
            "area": PHRAE.tambon,
            "summary": self.text(),
        }
        with self.kit.save() as save:
            case = save.create("case", about)
            narrative = self.text()
            visit = save.create("visit", case=case, narrative=narrative)
        self.saved(save.saved, {case: about, visit: {"case": case, "narrative": narrative}})
        self.mine.append(case)

    def change(self) -> None:
        """Write another summary of a case."""
        if self.mine:
            case, summary = self.random.choice(self.mine), self.text()
            self.saved(self.kit.update(case, summary=summary), {case: {"summary": summary}})

    def attach(self) -> None:
        """Add a photo to a case."""
        if self.mine:
            content = photo(self.random)
            digest = sha256(content).hexdigest()
            with NamedTemporaryFile(suffix=".png") as camera:
                camera.write(content)
                camera.flush()
                saved = self.kit.attach(self.random.choice(self.mine), camera.name)
            self.saved(saved, {saved.record: {"sha256": digest, "size": len(content)}}, **{saved.record: digest})

    def raise_alarm(self) -> None:
        """Record an emergency, which goes ahead of everything."""
        about = {"causes": ["threat_or_assault"], "note": self.text()[:300].strip()}
        saved = self.kit.create("emergency", about)
        self.saved(saved, {saved.record: about})

    def sync(self) -> None:
        """Meet the centre; what the link or a busy centre spoils goes next time."""
        say(syncing=True)
        problem = None
        with suppress(Unreachable):
            try:
                self.kit.sync()
            except ProtocolError as refused:
                problem = refused.code
        say(syncing=False, problem=problem)


if __name__ == "__main__":
    enrol_and_work(*sys.argv[1:])
