"""The demo's photographs are real PNG files, large enough to be cut in the middle, the same on every run."""

import struct
import zlib
from random import Random

from server.demo.photos import SIGNATURE, photo


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """Return (kind, content) of each chunk, checksums checked."""
    found, at = [], len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        found.append((kind, content))
        at += 12 + length
    return found


def test_a_photo_is_a_whole_png() -> None:
    png = photo(Random(1))
    (head, header), (data, pixels), (end, _) = chunks(png)
    width, height = struct.unpack(">II", header[:8])
    assert png.startswith(SIGNATURE)
    assert (head, data, end) == (b"IHDR", b"IDAT", b"IEND")
    assert len(zlib.decompress(pixels)) == height * (1 + 3 * width)


def test_photos_are_10_to_60_kb_each_different_and_the_same_on_every_run() -> None:
    made = [photo(Random(seed)) for seed in range(60)]
    assert all(10_000 <= len(png) <= 60_000 for png in made)
    assert len(set(made)) == 60
    assert made == [photo(Random(seed)) for seed in range(60)]
