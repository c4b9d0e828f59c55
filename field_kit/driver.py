"""The one SQLite driver of the kit: SQLCipher, which sqlite-utils must see as its own.

sqlite-utils picks its driver while it is imported, so the alias comes first: everything in the kit that needs a driver
imports it from here, and ``migrations`` imports sqlite-utils after it.
"""

import sys
from typing import TYPE_CHECKING

import sqlcipher3
from sqlcipher3 import dbapi2

if "sqlite_utils" in sys.modules and sys.modules.get("pysqlite3") is not sqlcipher3:
    raise ImportError("import field_kit before sqlite_utils: it must use the encrypted driver")
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = dbapi2

if TYPE_CHECKING:
    from sqlite3 import Connection, DatabaseError
else:
    from sqlcipher3.dbapi2 import Connection, DatabaseError

connect = dbapi2.connect

__all__ = ["Connection", "DatabaseError", "connect"]
