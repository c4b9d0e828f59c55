"""The manifest: what a backup is, where it stands in the life of the store, and the hash of each of its parts."""

from hashlib import blake2b
from pathlib import Path

import msgspec

from server.backup.problem import BackupProblem

MANIFEST_FILE = "manifest.json"
FORMAT = "husec-backup"
FORMAT_VERSION = 1
PREFIX = "husec-"


class Part(msgspec.Struct, frozen=True):
    """One file. ``kind``: ``table``, ``keys`` or ``register``. A table's lines are arrays in the order of ``columns``.

    ``binary``: columns in base64; ``json``: columns that hold JSON.
    """

    name: str
    kind: str
    sha256: str
    bytes: int
    rows: int
    table: str = ""
    columns: list[str] = []
    json: list[str] = []
    binary: list[str] = []


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself; nothing in it names a person.

    ``revision``: the version of the tables. ``link``: the last link of the ledger's chain. ``left_out``: files that
    were erased at the centre while the backup was taken.
    """

    format: str
    format_version: int
    id: str
    protocol: int
    schema: int
    revision: str
    epoch: str
    commit: int
    link: str
    taken_at: str
    encrypted: bool
    parts: list[Part]
    blobs: int
    blob_bytes: int
    left_out: list[str]
    seal: str = ""

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(part.rows for part in self.parts if part.kind == "table")

    @property
    def size(self) -> int:
        """How large the backup is."""
        return sum(part.bytes for part in self.parts) + self.blob_bytes

    def tables(self) -> list[Part]:
        """Return the parts that are tables, in an order in which they can be filled."""
        return [part for part in self.parts if part.kind == "table"]

    def sealed(self, key: bytes | None) -> "Manifest":
        """Return it with the seal over everything else in it; with a key, nobody else can make one that fits."""
        return msgspec.structs.replace(self, seal=_seal(self, key))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it, for its owner's eyes alone."""
    content = msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
    path = folder / MANIFEST_FILE
    path.touch(mode=0o600)
    path.write_bytes(content)


def read_manifest(folder: Path, key: bytes | None) -> Manifest:
    """Read what a backup says of itself.

    :raises BackupProblem: when it is none, is of a newer program, was changed, or needs a key.
    """
    try:
        manifest = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise BackupProblem("no_backup", place=folder) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BackupProblem("manifest_damaged", place=folder) from None
    if manifest.format != FORMAT:
        raise BackupProblem("no_backup", place=folder)
    if manifest.format_version > FORMAT_VERSION:
        raise BackupProblem("newer_format", version=manifest.format_version)
    if manifest.encrypted and key is None:
        raise BackupProblem("key_needed")
    if manifest.seal != _seal(manifest, key if manifest.encrypted else None):
        raise BackupProblem("wrong_seal" if manifest.encrypted else "manifest_damaged", place=folder)
    return manifest


def find_backup(place: Path) -> Path:
    """Return the folder of a backup: the place itself, its manifest, or the newest of the backups in it.

    :raises BackupProblem: when there is none.
    """
    if place.name == MANIFEST_FILE and place.is_file():
        return place.parent
    if (place / MANIFEST_FILE).is_file():
        return place
    inside = sorted(path.parent for path in place.glob(f"{PREFIX}*/{MANIFEST_FILE}")) if place.is_dir() else []
    if not inside:
        raise BackupProblem("no_backup", place=place)
    return inside[-1]


def _seal(manifest: Manifest, key: bytes | None) -> str:
    content = msgspec.json.encode(msgspec.structs.replace(manifest, seal=""))
    return blake2b(content, key=key or b"", digest_size=32, person=b"husec-manifest").hexdigest()
