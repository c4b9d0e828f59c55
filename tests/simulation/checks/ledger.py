"""The ledger: promises 2, 4 and 21."""

from collections import defaultdict

from tests.simulation.fleet import Fleet, Violation


class Ledger:
    """Dense, each mutation once, each press of Save whole."""

    def check(self, fleet: Fleet) -> None:
        seqs: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        firsts: dict[str, int] = defaultdict(int)
        groups: dict[tuple[int, int], set[bool]] = defaultdict(set)
        for row in fleet.sight.ledger:
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
            raise Violation("21 groups are whole", "one press of Save was accepted in part")
