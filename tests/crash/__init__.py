"""The same promises from outside: ``make crash``. Real processes, real files, real HTTP; killed, cut off, filled up.

Nothing that the centre acknowledged and nothing that a kit said was saved may ever be missing. One module per part,
and ``promised`` for what all of them hold the product to.
"""
