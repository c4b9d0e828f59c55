"""The ledger's chain of hashes, link by link as it grows."""

import json
from hashlib import sha256

from tests.simulation.fleet import Backup, Fleet, Violation

PROMISE = "1 the ledger is only appended to"
_COVERED = """payload_hash, group_position, id, repeat, device, incarnation, lane, seq, author, schema, op, type,
    record, base, recorded_at, received_at, clock_offset_ms, outcome, code, waits_for, releases"""
_ROWS = f"SELECT commit_number, payload, salt, {_COVERED} FROM mutation WHERE commit_number > ? ORDER BY 1, position"


class Chain:
    """Every new commit adds one link, over its rows as they stand; what is older does not change."""

    def __init__(self) -> None:
        self._commits, self._last, self._link = -1, 0, ""

    def restored(self, fleet: Fleet, made: Backup) -> None:
        """What was known of the commits since the backup is no more."""
        self._commits, self._last = -1, 0

    def check(self, fleet: Fleet) -> None:
        if self._commits == fleet.headquarters.commits:
            return
        self._commits = fleet.headquarters.commits
        query = "SELECT commit_number, link FROM ledger_chain WHERE commit_number >= ? ORDER BY commit_number"
        links = dict(fleet.headquarters.rows(query, (self._last,)))
        if self._last and links.pop(self._last, None) != self._link:
            raise Violation(PROMISE, f"the link of commit {self._last} has changed")
        lines: dict[int, list[bytes]] = {}
        for commit, payload, salt, *covered in fleet.headquarters.rows(_ROWS, (self._last,)):
            lines.setdefault(commit, []).append(_line(commit, payload, salt, covered))
        if lines.keys() - links.keys():
            raise Violation(PROMISE, f"commit {min(lines.keys() - links.keys())} has rows and no link")
        for commit, link in links.items():
            self._follow(commit, link, lines.get(commit, []))

    def _follow(self, commit: int, link: str, lines: list[bytes]) -> None:
        previous = self._link if self._last else "0" * 64
        if sha256(b"\n".join([f"{previous}:{commit}".encode(), *lines])).hexdigest() != link:
            raise Violation(PROMISE, f"the link of commit {commit} does not follow from its rows")
        self._last, self._link = commit, link


def _line(commit: int, payload: str | None, salt: str | None, covered: list[object]) -> bytes:
    if payload is not None and sha256(f"{salt}{payload}".encode()).hexdigest() != covered[0]:
        raise Violation(PROMISE, f"a payload of commit {commit} is not what was hashed")
    covered[3] = bool(covered[3])
    return json.dumps(covered, ensure_ascii=False, separators=(",", ":")).encode()
