"""The four privacy classes of a field. They drive masking, buckets, lists, notices and logs."""

from enum import StrEnum


class Privacy(StrEnum):
    """How far a field may travel, from the widest to the narrowest."""

    NORMAL = "normal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    PROTECTED = "protected"


ALL_CLASSES = frozenset(Privacy)
EXCEPT_PROTECTED = ALL_CLASSES - {Privacy.PROTECTED}
NO_SENSITIVE = frozenset({Privacy.NORMAL, Privacy.PERSONAL})
ONLY_NORMAL = frozenset({Privacy.NORMAL})
