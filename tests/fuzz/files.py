"""Files: key files, hand-carried work, backups, the address on a QR code."""

import json
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from hypothesis import strategies as st
from nacl.public import PrivateKey

from field_kit.enrolling import read_address
from field_kit.errors import KitError
from field_kit.keyfile import read_key, write_key
from server.backup.checking import try_backup
from server.backup.manifest import MANIFEST_FILE, Manifest
from server.backup.problem import BackupProblem
from sync.unsent import NoSealedFile, as_file, parts_of
from tests.field_kit.device import KEY, PASSPHRASE, QUICK
from tests.fuzz.door import Opened
from tests.fuzz.garbling import cut_up, garbled
from tests.server.centre import open_test_centre
from tests.server.kept import Kept, kept

CENTRE_KEY = b64encode(bytes(PrivateKey(bytes(range(32))).public_key)).decode()


@contextmanager
def key_file(folder: Path, url: str) -> Iterator[Opened]:
    """The file beside a kit's database; refused, it lies there as before."""
    path = folder / "key.json"
    write_key(path, KEY, PASSPHRASE, CENTRE_KEY, QUICK, server_url="http://centre.test", device="d")
    valid = path.read_bytes()

    def knock(raw: bytes) -> None:
        path.write_bytes(raw)
        with suppress(KitError):
            assert read_key(path, PASSPHRASE) == KEY
        assert path.read_bytes() == raw

    yield Opened(garbled(valid), knock)


@contextmanager
def carried_file(folder: Path, url: str) -> Iterator[Opened]:
    """A file of sealed work: its parts, or a word that it is none."""
    valid = b"".join(as_file([b"a" * 40, b"b" * 300]))

    def knock(raw: bytes) -> None:
        with suppress(NoSealedFile):
            assert b"".join(as_file(parts_of(raw))) == raw

    yield Opened(cut_up(valid), knock)


@contextmanager
def address(folder: Path, url: str) -> Iterator[Opened]:
    """What a QR code says: always an address and perhaps a code."""
    said = st.one_of(
        st.text(), cut_up(b"https://centre.test:8443/enrol#ABCD-EFGH").map(lambda raw: raw.decode("latin-1"))
    )

    def knock(text: str) -> None:
        place, code = read_address(text)
        assert place or not text.partition("#")[0].strip("/")
        assert code is None or code == text.partition("#")[2]

    yield Opened(said, knock)


@contextmanager
def backup(folder: Path, url: str) -> Iterator[Opened]:
    """A damaged backup: every changed byte is found before anything is restored, and said in both languages."""
    centre = open_test_centre(url, folder / "centre")
    made: Kept = kept(centre, folder / "backups")
    whole = made.take().place
    names = sorted(str(path.relative_to(whole)) for path in whole.rglob("*") if path.is_file())
    manifest = (whole / MANIFEST_FILE).read_bytes()
    damage = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), cut_up((whole / name).read_bytes())))
    forged = garbled(manifest).map(lambda raw: (MANIFEST_FILE, _sealed_again(raw)))
    plain = garbled(manifest).map(lambda raw: (MANIFEST_FILE, raw))

    def knock(tried: tuple[str, bytes]) -> None:
        copy = folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(whole, copy)
        same = (copy / tried[0]).read_bytes() == tried[1]
        (copy / tried[0]).write_bytes(tried[1])
        _try(copy, changed=not same and tried[0] != MANIFEST_FILE)

    yield Opened(st.one_of(damage, damage, plain, forged), knock)
    centre.centre.engine.dispose()


def _try(place: Path, *, changed: bool) -> None:
    problem = _problem_of(place)
    if problem:
        assert [bool(problem.text(language)) for language in ("th", "en")] == [True, True]
    else:
        assert not changed, "a damaged backup was found good"


def _problem_of(place: Path) -> BackupProblem | None:
    try:
        try_backup(place, None)
    except BackupProblem as problem:
        return problem
    return None


def _sealed_again(raw: bytes) -> bytes:
    """Seal a garbled manifest as anybody can who has no key to beat."""
    try:
        return msgspec.json.encode(msgspec.json.decode(raw, type=Manifest).sealed(None))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, json.JSONDecodeError):
        return raw
