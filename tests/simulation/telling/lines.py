"""Two edits of one text, joined line by line: written from the protocol's words, apart from the product's own rule."""


def joined(base: str, ours: str, theirs: str) -> str | None:
    """Return both changes of a text in one, or ``None`` where changed lines overlap or touch."""
    old, one, two = base.split("\n"), ours.split("\n"), theirs.split("\n")
    in_one, in_two = _kept(old, one), _kept(old, two)
    found: list[str] = []
    at = at_one = at_two = 0
    for line in [*sorted(in_one.keys() & in_two.keys()), len(old)]:
        upto_one, upto_two = in_one.get(line, len(one)), in_two.get(line, len(two))
        piece = _piece(old[at:line], one[at_one:upto_one], two[at_two:upto_two])
        if piece is None:
            return None
        found += piece + old[line : line + 1]
        at, at_one, at_two = line + 1, upto_one + 1, upto_two + 1
    return "\n".join(found)


def _piece(old: list[str], one: list[str], two: list[str]) -> list[str] | None:
    """Return what stands between two lines that everybody kept."""
    if one in (old, two):
        return two
    return one if two == old else None


def is_plain(*texts: str) -> bool:
    """Tell whether no line stands twice in a text: only then there is one way to see what was changed."""
    return all(len(set(lines)) == len(lines) for lines in (text.split("\n") for text in texts))


def _kept(old: list[str], new: list[str]) -> dict[int, int]:
    """Return the longest run of lines that stayed, in order: place before -> place now."""
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            best[i][j] = best[i + 1][j + 1] + 1 if old[i] == new[j] else max(best[i + 1][j], best[i][j + 1])
    kept, i, j = {}, 0, 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            kept[i], i, j = j, i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return kept
