"""Tables as compressed lines of JSON, out of either database and into either, some thousand rows in memory at once."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import JSON, Connection, LargeBinary, MetaData, Table, select

from server.backup.manifest import Part
from server.backup.parts import read_lines, writing_part
from server.backup.problem import BackupProblem
from server.models import metadata
from server.store.persist import encoded, insert_rows

ROWS_AT_ONCE = 2_000

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(list[Any]).decode


def dump_all(connection: Connection, folder: Path, key: bytes | None) -> list[Part]:
    """Write every table that the connection sees, referenced tables before those that refer to them."""
    return [dump(connection, table, folder, key) for table in metadata.sorted_tables]


def dump(connection: Connection, table: Table, folder: Path, key: bytes | None) -> Part:
    """Write one table."""
    name, columns = f"tables/{table.name}.jsonl.zst", list(table.columns)
    binary = [position for position, column in enumerate(columns) if isinstance(column.type, LargeBinary)]
    rows = connection.execute(select(table).execution_options(yield_per=ROWS_AT_ONCE))
    count = 0
    with writing_part(folder, name, key) as part:
        for page in rows.partitions(ROWS_AT_ONCE):
            part.write(b"".join(encode(_plain(row, binary)) + b"\n" for row in page))
            count += len(page)
        written = part.close()
    return Part(
        name=name,
        kind="table",
        sha256=written.sha256,
        bytes=written.bytes,
        rows=count,
        table=str(table.name),
        columns=[str(column.name) for column in columns],
        json=[str(column.name) for column in columns if isinstance(column.type, JSON)],
        binary=[str(columns[position].name) for position in binary],
    )


def load(connection: Connection, part: Part, folder: Path, key: bytes | None) -> None:
    """Fill an empty table.

    :raises BackupProblem: when the part cannot be read, or does not have the rows that the manifest says.
    """
    table, count = Table(part.table, MetaData()), 0
    row_of = _reader(part)
    for lines in _pages(read_lines(folder, part.name, key)):
        try:
            rows = [row_of(decode(line)) for line in lines]
        except (msgspec.DecodeError, IndexError, TypeError, ValueError):
            raise BackupProblem("part_damaged", part=part.name) from None
        insert_rows(connection, table, part.columns, rows)
        count += len(rows)
    if count != part.rows:
        raise BackupProblem("rows_missing", part=part.name, found=count, expected=part.rows)


def read_rows(part: Part, folder: Path, key: bytes | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a part by column."""
    for line in read_lines(folder, part.name, key):
        yield dict(zip(part.columns, decode(line), strict=True))


def _plain(row: Sequence[Any], binary: Sequence[int]) -> list[Any]:
    values = list(row)
    for position in binary:
        values[position] = None if values[position] is None else b64encode(values[position]).decode()
    return values


def _reader(part: Part) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return what makes of a line the row that the driver takes: JSON as text, bytes as bytes."""
    turns: list[Callable[[Any], Any]] = [
        encoded if name in part.json else b64decode if name in part.binary else _same for name in part.columns
    ]
    width = len(turns)

    def row_of(line: Sequence[Any]) -> tuple[Any, ...]:
        if len(line) != width:
            raise ValueError
        return tuple(None if value is None else turn(value) for turn, value in zip(turns, line, strict=True))

    return row_of


def _same(value: Any) -> Any:
    return value


def _pages(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    source = iter(lines)
    while page := list(islice(source, ROWS_AT_ONCE)):
        yield page
