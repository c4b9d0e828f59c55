"""Every setting: its type, its default, one line of what it is. Read from the environment as ``HUSEC_<NAME>``."""

# ruff: noqa: RUF009 - setting() is dataclasses.field() with a line of documentation

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ENVIRONMENT_PREFIX = "HUSEC_"
DATABASE_FILE = "centre.db"
REGISTER_FILE = "register.jsonl"
KEY_BYTES = 32


class BadSetting(ValueError):
    """A setting in the environment that cannot be read."""


def setting(default: Any, doc: str) -> Any:
    """Declare one setting with its default and its line in docs/settings.md."""
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this centre is set up."""

    data_dir: Path = setting(Path("var/husec"), "where keys, files and the embedded database lie")
    database_url: str = setting("", "SQLAlchemy URL of the store; empty: SQLite in the data directory")
    database_key_file: Path | None = setting(None, "file with 64 hex digits that encrypt the embedded database")
    public_url: str = setting(
        "http://127.0.0.1:8000", "address under which devices reach the centre (printed in QR codes)"
    )
    register_file: Path | None = setting(
        None,
        "file of erasures, revocations and epochs, which a restore replays; empty: `register.jsonl` in the data "
        "directory. Put it on another disk",
    )
    proxy_hops: int = setting(0, "how many reverse proxies stand in front and set X-Forwarded-*")
    language: str = setting("th", "language when a client asks for none: th or en")
    report_layout_file: Path | None = setting(
        None,
        "JSON file with the order of rows of the provincial report, by the ids of its tables; rows left out follow: "
        '`{"district": {"54": ["5401", "5405"]}, "channel": ["walk_in"], "target_group": [], "problem": []}`',
    )
    support_phone: str = setting("1300", "number that messages tell people to call")

    body_bytes_max: int = setting(1_048_576, "most bytes of a JSON body other than a push")
    decompression_ratio_max: int = setting(200, "how many times larger than on the wire a body may become")
    compress_bytes_min: int = setting(1_024, "replies smaller than this travel uncompressed")
    upload_bytes_max: int = setting(26_214_400, "most bytes of one file")
    delivery_bytes_max: int = setting(33_554_432, "most bytes of one sealed delivery")
    deliveries_open_max: int = setting(1_000, "how many deliveries of one person may wait for staff")
    witnesses_open_max: int = setting(
        10_000, "how many rows that one person's devices bore witness to may wait for staff"
    )
    first_syncs_max: int = setting(4, "how many devices that begin from nothing one process serves at once")
    upload_hours: int = setting(168, "how long an unfinished upload is kept")

    device_token_days: int = setting(90, "how long a device may stay away before it must enrol again")
    staff_token_hours: int = setting(8, "how long a staff login lasts")
    enrolment_hours: int = setting(24, "how long an enrolment code may be used")
    token_attempts: str = setting("10 per minute", "logins that one address may try")
    enrolment_attempts: str = setting("30 per minute", "enrolments that one address may try")
    safe_days: int = setting(
        30, "until a backup was verified: after how many days a device may forget what the centre has"
    )
    backup_key_file: Path | None = setting(None, "file with 64 hex digits that encrypt backups")
    delivery_attempts: str = setting("120 per minute", "sealed deliveries that one address may bring")
    key_recovery_attempts: str = setting("20 per minute", "exchanges about forgotten passphrases from one address")
    key_recovery_hours: int = setting(72, "how long a request to recover a forgotten passphrase is good")
    silent_days: int = setting(7, "after how many days without contact a device is flagged as silent")

    jobs: bool = setting(True, "whether this process takes part in running jobs")
    log_level: str = setting("INFO", "least level that is logged: DEBUG, INFO, WARNING, ERROR")

    @property
    def store_url(self) -> str:
        """The store's URL with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute()}/{DATABASE_FILE}"

    @property
    def register_path(self) -> Path:
        """Where the register lies, with the default filled in."""
        return self.register_file or self.data_dir / REGISTER_FILE

    @property
    def backup_key(self) -> bytes | None:
        """The key of backups, if they have one."""
        return _key_in(self.backup_key_file, "BACKUP_KEY_FILE") if self.backup_key_file else None

    @property
    def database_key(self) -> bytes | None:
        """The key of the embedded database, if it has one."""
        return _key_in(self.database_key_file, "DATABASE_KEY_FILE") if self.database_key_file else None


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables.

    :raises BadSetting: naming the variable that cannot be read.
    """
    given = {}
    for declared in fields(Settings):
        variable = ENVIRONMENT_PREFIX + declared.name.upper()
        if variable in environment:
            given[declared.name] = _read(variable, environment[variable], declared.default)
    return Settings(**given)


def _key_in(file: Path, name: str) -> bytes:
    """Return the key that a file holds.

    :raises BadSetting: when it cannot be read or holds something else.
    """
    try:
        key = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadSetting(f"{ENVIRONMENT_PREFIX}{name} must name a file with {2 * KEY_BYTES} hex digits")
    return key


def _read(variable: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
        if isinstance(default, int):
            return int(text)
    except (KeyError, ValueError):
        kind = "yes or no" if isinstance(default, bool) else "a whole number"
        raise BadSetting(f"{variable} must be {kind}, not {text!r}") from None
    if default is None or isinstance(default, Path):
        return Path(text) if text else default
    return text
