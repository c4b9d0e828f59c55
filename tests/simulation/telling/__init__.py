"""The ledger told anew from the protocol's words, as plainly as can be: what every row should have come to.

Nothing of the product's rules is used here; the declarations of types and fields are, and the normal form of a value.
``told``: a record and a conflict as told. ``tale``: all of them, row by row. ``edits``, ``needs``, ``endings``: how an
edit meets a record, and what it should be called. ``merging``: deleting, merging, taking apart. ``disputes``: who
contends, and what closes a conflict. ``refusals``: why something was not taken.
"""
