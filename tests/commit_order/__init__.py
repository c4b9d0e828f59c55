"""Whether a reader that polls ever misses a row: many writers, many readers, real PostgreSQL (issue: commit order).

Nothing here is imported before a planted bug is in place; see ``__main__``.
"""
