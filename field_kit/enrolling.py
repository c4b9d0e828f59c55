"""Make this device somebody's with a one-use code: their file, its key, who they are; or renew one that was away."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from field_kit.database import Database, open_database
from field_kit.errors import AlreadyEnrolled, PassphraseTooShort, SomebodyElses
from field_kit.home import database_path, key_path, make_folder
from field_kit.identity import Identity, change_identity, read_identity, write_identity
from field_kit.keyfile import PASSPHRASE_LENGTH_MIN, Strength, new_key, seal_to, write_key
from field_kit.link import Enrolment, Welcome
from field_kit.surroundings import Surroundings
from field_kit.wiping import wipe_now


def client_version() -> str:
    """Return this program's version."""
    try:
        return version("husec-field")
    except PackageNotFoundError:
        return "0"


def read_address(text: str) -> tuple[str, str | None]:
    """Return (server address, code) of what a QR or a person says: ``https://centre/enrol#CODE`` or a bare address."""
    address, _, code = text.partition("#")
    whole = address if "://" in address else f"https://{address}"
    return whole.rstrip("/").removesuffix("/enrol"), code or None


def enrol(
    transport: Welcome,
    code: str,
    folder: Path,
    passphrase: str,
    surroundings: Surroundings,
    strength: Strength | None = None,
    device_name: str | None = None,
) -> tuple[Path, bytes]:
    """Use the code, then make the user's file and its key file; return the file's path and its data key.

    The key file comes last: before it is there nothing is enrolled, and nothing was typed yet.

    :raises PassphraseTooShort: before the code is used.
    :raises AlreadyEnrolled: when the folder holds this user's file; it is not touched.
    """
    if len(passphrase) < PASSPHRASE_LENGTH_MIN:
        raise PassphraseTooShort(min=PASSPHRASE_LENGTH_MIN)
    make_folder(folder)
    name = name_of_computer(device_name)
    given = transport.enrol(code, name, system(), client_version())
    database = database_path(folder, str(given.user["id"]))
    wipe_now(database)
    if key_path(database).exists():
        raise AlreadyEnrolled(user=database.stem, folder=str(folder))
    key = new_key()
    make_file(database, key, given, transport.server_url, surroundings, name)
    about = {"server_url": transport.server_url, "device": given.device}
    write_key(key_path(database), key, passphrase, given.centre_public_key, strength, **about)
    return database, key


def renew(transport: Welcome, code: str, database: Database, key: bytes, device_name: str | None = None) -> None:
    """Use a code of the file's own user to give the same device a new token; everything in the file stays as it is.

    The device keeps its id and its log its incarnation, so what the centre has already is not taken twice. If the epoch
    changed meanwhile, the next sync recovers from it as ever.

    :raises SomebodyElses: when the code is another person's.
    """
    before = read_identity(database)
    name = name_of_computer(device_name or before.device_name)
    given = transport.enrol(code, name, system(), client_version(), before.device)
    if given.user["id"] != before.owner or given.device != before.device:
        raise SomebodyElses
    with database.transaction():
        change_identity(
            database,
            server_url=transport.server_url,
            user=given.user,
            token=given.token,
            centre_public_key=given.centre_public_key,
            device_name=name,
            limits=given.limits,
            last_contact=given.server_time,
            cancelled=None,
        )
    about = {"server_url": transport.server_url, "device": given.device}
    seal_to(key_path(database.path), key, given.centre_public_key, **about)


def name_of_computer(said: str | None) -> str:
    """Return what the centre's list calls this computer."""
    return (said or platform.node() or "field-kit")[:100]


def system() -> str:
    """Return the operating system and the kind of machine."""
    return f"{platform.system()} {platform.machine()}"[:60] or "unknown"


def make_file(
    path: Path,
    key: bytes,
    given: Enrolment,
    server_url: str,
    surroundings: Surroundings,
    device_name: str | None = None,
) -> None:
    """Begin a user's file with who they are."""
    for suffix in ("", "-wal", "-shm"):  # of an enrolment that was cut off before its key was written
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    database = open_database(path, key)
    introduce(database, given, server_url, surroundings, device_name)
    database.close()


def introduce(
    database: Database,
    given: Enrolment,
    server_url: str,
    surroundings: Surroundings,
    device_name: str | None = None,
) -> None:
    """Write into an empty file who it is and where its centre is."""
    with database.transaction():
        write_identity(
            database,
            Identity(
                server_url=server_url,
                device=given.device,
                user=given.user,
                token=given.token,
                epoch=given.epoch,
                incarnation=surroundings.new_id(),
                centre_public_key=given.centre_public_key,
                device_name=device_name,
                limits=given.limits,
                last_contact=given.server_time,
                schema=database.history.current,
            ),
        )
