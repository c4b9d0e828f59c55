"""The ledger: promises 2, 4 and 21."""

from collections import defaultdict

from tests.simulation.fleet import Fleet, Violation
from tests.simulation.sight import Row

WHOLE = "21 groups are whole"


class Ledger:
    """Dense, each mutation once, each press of Save whole."""

    def __init__(self) -> None:
        self._commits = -1

    def check(self, fleet: Fleet) -> None:
        if self._commits == fleet.headquarters.commits:
            return
        self._commits = fleet.headquarters.commits
        _dense_and_once(fleet.sight.ledger)
        _saves_whole(fleet)


def _dense_and_once(ledger: list[Row]) -> None:
    seqs: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    firsts: dict[str, int] = defaultdict(int)
    groups: dict[tuple[int, int], set[bool]] = defaultdict(set)
    for row in ledger:
        if row.seq is not None:
            seqs[row.device, row.incarnation, row.lane].append(row.seq)
        if not row.repeat:
            firsts[row.id] += 1
            groups[row.commit, row.group].add(row.accepted)
    for lane, found in seqs.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            raise Violation("4 lanes are dense", f"lane {lane[2]} has {sorted(found)}")
    if any(count > 1 for count in firsts.values()):
        raise Violation("2 at most once", "a mutation has two first rows")
    if any(len(accepted) > 1 for accepted in groups.values()):
        raise Violation(WHOLE, "what the centre calls one press of Save was accepted in part")


def _saves_whole(fleet: Fleet) -> None:
    """21: what somebody saved with one press came in one commit and was judged as one, by the journal's own count."""
    firsts, lasts = _told(fleet.sight.ledger)
    for members in fleet.journal.groups.values():
        here = [id_ for id_ in members if id_ not in fleet.journal.forgiven]
        came = [firsts[id_] for id_ in here if id_ in firsts]
        if came and len(came) < len(here):
            raise Violation(WHOLE, f"of one press of Save {len(came)} of {len(here)} edits came")
        if len({(row.commit, row.group) for row in came}) > 1:
            raise Violation(WHOLE, f"one press of Save of {len(here)} edits was judged in parts")
        # staff may apply the rest by hand when a record of it was erased
        judged = [lasts[id_] for id_ in here if id_ in lasts and lasts[id_].record not in fleet.sight.erased]
        if len({row.accepted for row in judged}) > 1:
            said = {row.outcome for row in judged}
            raise Violation(WHOLE, f"one press of Save of {len(here)} edits was accepted in part: {sorted(said)}")


def _told(ledger: list[Row]) -> tuple[dict[str, Row], dict[str, Row]]:
    """Return what was first and what was last said of each mutation; a word on what was let go is a row of its own."""
    firsts: dict[str, Row] = {}
    lasts: dict[str, Row] = {}
    sent: dict[str, str] = {}
    for row in ledger:
        if not row.repeat:
            sent[row.id] = id_ = sent.get(row.releases, row.releases) if row.releases else row.id
            firsts.setdefault(id_, row)
            lasts[id_] = row
    return firsts, lasts
