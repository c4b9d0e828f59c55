"""The register keeps what must outlive a restore."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.auth.tokens import hash_of as tokens_hash
from server.register import Entry, Register
from tests.server.centre import TestCentre

ERASURE = {"record": "r", "type": "person", "at": "2026-11-23T02:00:00.000Z", "by": "u", "reason": "ขอลบ"}


def test_what_was_appended_is_read_in_order(tmp_path: Path) -> None:
    register = Register(tmp_path / "far" / "register.jsonl")
    register.append("erasure", **ERASURE)
    register.append("revocation", device="d", order="lost", at="t")
    again = Register(register.path)
    assert again.entries() == [
        Entry("erasure", ERASURE),
        Entry("revocation", {"device": "d", "order": "lost", "at": "t"}),
    ]
    assert again.of_kind("revocation") == [{"device": "d", "order": "lost", "at": "t"}]
    assert oct(register.path.stat().st_mode & 0o777) == "0o600"


def test_a_register_that_was_never_written_is_empty(tmp_path: Path) -> None:
    assert (Register(tmp_path / "none").entries(), Register(tmp_path / "none").damaged()) == ([], [])


def test_a_torn_last_line_is_skipped_and_reported_and_swallows_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    register = Register(tmp_path / "register.jsonl")
    register.append("erasure", **ERASURE)
    with register.path.open("ab") as file:
        file.write(b'{"kind": "revocation", "dev')
    torn = (len(register.entries()), register.damaged())
    register.append("revocation", device="d", order="left", at="t")
    assert torn == (1, [2])
    assert [entry.kind for entry in register.entries()] == ["erasure", "revocation"]
    assert "cannot be read" in caplog.text


@pytest.mark.process
def test_several_processes_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "register.jsonl"
    program = (
        "import sys; from pathlib import Path; from server.register import Register\n"
        "r = Register(Path(sys.argv[1]))\n"
        "for n in range(50): r.append('revocation', device=f'{sys.argv[2]}-{n}', order='lost', at='x' * 5000)"
    )
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path), str(name)], cwd=root) for name in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    lines = path.read_text().splitlines()
    assert len(lines) == 200
    assert {json.loads(line)["device"] for line in lines} == {f"{name}-{n}" for name in range(4) for n in range(50)}


def test_cancelling_a_device_is_in_the_register(centre: TestCentre) -> None:
    admin, alice = centre.staff("administrator@nation"), centre.field("social_worker@province:54")
    for order in ("left", "lost", "left"):
        admin.post(f"/api/v1/devices/{alice.device}/revoke", json={"order": order})
    tokens = {tokens_hash(alice.token): "2027-02-21T02:00:00.000Z"}
    facts = {"device": alice.device, "at": "2026-11-23T02:00:00.000Z", "user": alice.id, "tokens": tokens}
    assert centre.centre.register.of_kind("revocation") == [facts | {"order": "left"}, facts | {"order": "lost"}]
