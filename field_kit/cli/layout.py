"""Lay text out in the columns of a terminal. Thai marks above and below a letter take no room; Thai has no spaces."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len

GAP = 2
NARROWEST = 16
"""What the last column keeps, however wide the ones before it are."""

_CLUSTER = re.compile("[เแโใไ]?[^เแโใไ\\s][\u0e30-\u0e3a\u0e45-\u0e4e]*[ๆฯ,.)]*|[\\s\\S]")
"""What a line may not end inside of: a Thai letter with the vowels and marks that belong to it."""

_LATIN = re.compile("[!-~]+|[^!-~]+")


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text, broken at a space where one is near, else between whole letters."""
    return [line for paragraph in text.split("\n") for line in _wrapped(paragraph, width)]


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = ""
    for piece in _pieces(text, width):
        if line and cell_len(line) + cell_len(piece.rstrip()) > width:
            kept, rest = _split(line, width)
            yield kept
            line = rest
        line += piece if line else piece.lstrip()
    yield line.rstrip()


def _pieces(text: str, width: int) -> Iterator[str]:
    """Yield what may stand at the beginning of a line: Latin words whole, Thai letter by letter."""
    for run in _LATIN.findall(text):
        if run[0].isascii() and not run[0].isspace() and cell_len(run) <= width:
            yield run
        else:
            yield from _CLUSTER.findall(run)


def _split(line: str, width: int) -> tuple[str, str]:
    """Split a full line at its last space, unless that would leave more than a third of it empty."""
    space = line.rstrip().rfind(" ")
    if cell_len(line[: space + 1]) * 3 >= width * 2:
        return line[:space].rstrip(), line[space + 1 :].lstrip()
    return line.rstrip(), ""


def pairs(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Yield lines of labels and, in one column beside them, values."""
    return columns([[label, value] for label, value in rows], width)


def columns(rows: Sequence[Sequence[str]], width: int, indent: int = 0) -> Iterator[str]:
    """Yield the lines of rows in aligned columns; the last one takes what is left and wraps, the others never do."""
    if not rows:
        return
    widths = [max(cell_len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    begins = indent + sum(each + GAP for each in widths if each)
    for row in rows:
        head = " " * indent + "".join(padded(cell, each + GAP) for cell, each in zip(row, widths, strict=False) if each)
        for line in wrapped(row[-1], max(NARROWEST, width - begins)):
            yield (head + line).rstrip()
            head = " " * begins


def padded(text: str, width: int) -> str:
    """Return a text filled with spaces to a width."""
    return text + " " * (width - cell_len(text))
