"""The tables of the device, in the order in which they came to be. A migration is never changed once released."""

from field_kit.driver import Connection  # isort: skip  # before sqlite_utils, which takes its driver from there
import sqlite_utils

migrations = sqlite_utils.Migrations("field_kit")


def migrate(connection: Connection) -> None:
    """Apply what is missing; inside the caller's transaction, so two processes cannot meet here."""
    migrations.apply(sqlite_utils.Database(connection, execute_plugins=False))


def _run(database: sqlite_utils.Database, *statements: str) -> None:
    for statement in statements:
        database.conn.execute(statement)


@migrations()
def m001_identity(database: sqlite_utils.Database) -> None:
    """Say who this device is: one JSON value per key, see ``field_kit.identity``."""
    _run(database, "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID")


@migrations()
def m002_central_state(database: sqlite_utils.Database) -> None:
    """Hold the last state from the server, and which bucket brought what.

    Memberships have no index by bucket: only a dropped bucket and a recount ask so, and a scan is quick.
    ``fresh_membership`` gathers a bucket that is fetched again until it replaces the old set. ``witness`` keeps rows
    that a restored server no longer knows.
    """
    _run(
        database,
        """CREATE TABLE record (
            id TEXT PRIMARY KEY, type TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL) STRICT""",
        "CREATE INDEX record_type ON record (type)",
        "CREATE TABLE membership (record TEXT, bucket TEXT, PRIMARY KEY (record, bucket)) STRICT, WITHOUT ROWID",
        "CREATE TABLE fresh_membership (record TEXT, bucket TEXT, PRIMARY KEY (record, bucket)) STRICT, WITHOUT ROWID",
        """CREATE TABLE checkpoint (
            bucket TEXT PRIMARY KEY, commit_number INTEGER NOT NULL, record TEXT,
            live INTEGER NOT NULL DEFAULT 0, checksum TEXT NOT NULL DEFAULT '0000000000000000',
            refetch INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID""",
        """CREATE TABLE witness (
            id TEXT, type TEXT NOT NULL, version INTEGER, data TEXT NOT NULL, epoch TEXT,
            PRIMARY KEY (id, version, epoch)) STRICT""",
    )


@migrations()
def m003_log(database: sqlite_utils.Database) -> None:
    """Hold every mutation made here, until a verified server backup covers it.

    ``save`` is the group (one press of Save). ``state``: ``pending`` (no outcome), ``answered`` (outcome held, still
    in the overlay), ``settled`` (a complete pull showed it). ``unanswered``: this incarnation has no answer yet, so it
    is to be sent; after a recovery that is true of settled ones too. ``lane.pruned_*`` names the last one that left.
    """
    _run(
        database,
        """CREATE TABLE mutation (
            id TEXT PRIMARY KEY, lane TEXT NOT NULL, seq INTEGER NOT NULL, save TEXT NOT NULL, op TEXT NOT NULL,
            type TEXT NOT NULL, record TEXT NOT NULL, base INTEGER NOT NULL, payload TEXT NOT NULL,
            recorded_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending', outcome TEXT, code TEXT, detail TEXT,
            commit_number INTEGER, unanswered INTEGER NOT NULL DEFAULT 1, UNIQUE (lane, seq)) STRICT""",
        "CREATE INDEX mutation_record ON mutation (record, lane, seq)",
        "CREATE INDEX mutation_open ON mutation (record) WHERE state <> 'settled'",
        "CREATE INDEX mutation_pending ON mutation (lane, seq) WHERE unanswered = 1",
        """CREATE TABLE lane (
            name TEXT PRIMARY KEY, last_seq INTEGER NOT NULL DEFAULT 0, pruned_seq INTEGER NOT NULL DEFAULT 0,
            pruned_id TEXT) STRICT, WITHOUT ROWID""",
        "INSERT INTO lane (name) VALUES ('urgent'), ('normal')",
    )


@migrations()
def m004_files(database: sqlite_utils.Database) -> None:
    """Hold photo bytes beside their records, so that one transaction saves both and one key guards both."""
    _run(
        database,
        """CREATE TABLE file (
            attachment TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting', upload TEXT) STRICT""",
        "CREATE INDEX file_waiting ON file (attachment) WHERE state <> 'arrived'",
        """CREATE TABLE file_chunk (
            attachment TEXT NOT NULL REFERENCES file ON DELETE CASCADE, position INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY (attachment, position)) STRICT""",
    )


@migrations()
def m005_search(database: sqlite_utils.Database) -> None:
    """Index texts by their trigrams; ``search_due`` lists what changed since.

    The index keeps no positions (``detail='none'``, a third smaller): a match is checked against the text itself.
    """
    _run(
        database,
        "CREATE TABLE search_due (record TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
        """CREATE TABLE searchable (
            id INTEGER PRIMARY KEY, record TEXT NOT NULL UNIQUE, type TEXT NOT NULL, text TEXT NOT NULL) STRICT""",
        """CREATE VIRTUAL TABLE search USING fts5(
            text, content='searchable', content_rowid='id', tokenize='trigram', detail='none')""",
        """CREATE TRIGGER searchable_in AFTER INSERT ON searchable BEGIN
            INSERT INTO search (rowid, text) VALUES (new.id, new.text); END""",
        """CREATE TRIGGER searchable_out AFTER DELETE ON searchable BEGIN
            INSERT INTO search (search, rowid, text) VALUES ('delete', old.id, old.text); END""",
    )


@migrations()
def m006_sealed_and_carried(database: sqlite_utils.Database) -> None:
    """Seal what was written about records that left, and carry the sealed work of somebody without a signal.

    ``mutation.sealed``: base64; where it is set, ``payload`` is empty. A carried part is known by the hash of its
    bytes.
    """
    _run(
        database,
        "ALTER TABLE mutation ADD COLUMN sealed TEXT",
        """CREATE TABLE carried (
            sha256 TEXT PRIMARY KEY, content BLOB NOT NULL, kept_at TEXT NOT NULL) STRICT""",
    )


@migrations()
def m007_people_alike(database: sqlite_utils.Database) -> None:
    """Keep the keys by which two people meet; ``match_due`` lists whom a pull, an eviction or an edit touched since.

    Triggers see to it wherever rows are stored: what was masked, evicted or erased leaves no key behind.
    """

    def note(who: str) -> str:
        # "OR IGNORE" would not do: an upsert that fires a trigger puts its own way with conflicts in its place
        listed = f"SELECT 1 FROM match_due WHERE record = {who}"
        return f"INSERT INTO match_due (record) SELECT {who} WHERE NOT EXISTS ({listed})"

    forget = "DELETE FROM match_key WHERE record ="
    _run(
        database,
        "CREATE TABLE match_due (record TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
        "CREATE TABLE match_key (key TEXT, record TEXT, PRIMARY KEY (key, record)) STRICT, WITHOUT ROWID",
        "CREATE INDEX match_key_record ON match_key (record)",
        f"""CREATE TRIGGER person_in AFTER INSERT ON record WHEN new.type = 'person' BEGIN
            {note("new.id")}; END""",
        f"""CREATE TRIGGER person_changed AFTER UPDATE ON record WHEN new.type = 'person' BEGIN
            {forget} new.id; {note("new.id")}; END""",
        f"""CREATE TRIGGER person_out AFTER DELETE ON record WHEN old.type = 'person' BEGIN
            {forget} old.id; {note("old.id")}; END""",
        f"""CREATE TRIGGER person_edited AFTER INSERT ON mutation WHEN new.type = 'person' BEGIN
            {note("new.record")}; END""",
        f"""CREATE TRIGGER person_edit_changed AFTER UPDATE OF payload, state, outcome ON mutation
            WHEN new.type = 'person' BEGIN {forget} new.record; {note("new.record")}; END""",
        f"""CREATE TRIGGER person_edit_out AFTER DELETE ON mutation WHEN old.type = 'person' BEGIN
            {forget} old.record; {note("old.record")}; END""",
        """INSERT OR IGNORE INTO match_due SELECT id FROM record WHERE type = 'person'
            UNION SELECT record FROM mutation WHERE type = 'person'""",
    )
