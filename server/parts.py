"""The parts of a mutation as staff see them: what was typed, which is masked by field, and what is said beside it."""

from sync.mutation import Mutation

EDITS = ("data", "set", "add", "remove")
"""What was typed, by field."""

ENVELOPE = frozenset(Mutation.__struct_fields__) - {*EDITS, "resolves", "reason"}
"""What says nothing that was typed. Anything else that was sent may hold everything and is not shown."""
