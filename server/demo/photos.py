"""Photographs that nobody took: small real PNG files, each different, the same on every run.

A house on a field, with the grain of a cheap phone. The grain keeps the files as large as photographs are.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

Colour = tuple[int, int, int]

SKY: Colour = (150, 180, 215)
FIELD: Colour = (120, 140, 70)
ROOF: Colour = (150, 70, 50)
WALL: Colour = (205, 190, 160)

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def photo(random: Random) -> bytes:
    """Return one PNG of 10 to 60 kB."""
    width, height = random.randrange(96, 176), random.randrange(64, 112)
    rows = b"".join(b"\x00" + row for row in pixel_rows(width, height, random))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")


def write_photo(folder: Path, number: int) -> Path:
    """Write photo number ``number`` into a folder, as a camera would."""
    path = folder / f"IMG_{number:04d}.png"
    path.write_bytes(photo(Random(number)))
    return path


def pixel_rows(width: int, height: int, random: Random) -> Iterator[bytes]:
    """Yield the rows from the top, three bytes for each pixel."""
    left, top = random.randrange(width // 8, width // 2), random.randrange(height // 4, height // 2)
    house_width, house_height = width // 3, height // 3
    for y in range(height):
        inside = top <= y < top + house_height
        house = ROOF if y < top + house_height // 3 else WALL
        ground = SKY if y < height * 3 // 5 else FIELD
        row = bytearray(bytes(ground) * width)
        if inside:
            row[left * 3 : (left + house_width) * 3] = bytes(house) * house_width
        yield with_grain(row, random)


def with_grain(row: bytearray, random: Random) -> bytes:
    """Return the row with up to 31 added to each byte, so that it does not compress away."""
    grain = int.from_bytes(random.randbytes(len(row)), "big") & int.from_bytes(b"\x1f" * len(row), "big")
    return (int.from_bytes(row, "big") + grain).to_bytes(len(row), "big")


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one PNG chunk with its length and checksum."""
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum
