"""What a person may see at a desk: scopes by role and kind of bucket, for the store's own masking and filtering.

A desk shows no more than a device would: what lies in a bucket is seen in the classes that its kind carries and the
role allows.

Scopes are not joined: sensitive fields seen in one province as its social worker stay masked elsewhere for the
inspector of the nation, though both be one person.
"""

from schemas.placement import district_of, kind_of
from schemas.privacy import ONLY_NORMAL, Privacy
from server.auth.roles import ROLES, Assignment
from server.auth.viewer import Viewer
from server.store import Scope

OPEN_LISTS = frozenset({"reference"})
OPEN_PREFIXES = frozenset({"areas:"})


def scopes_of(viewer: Viewer) -> list[Scope]:
    """Return a person's scopes, those that see most first."""
    found = [scope for held in viewer.roles if held.role in ROLES for scope in scopes_of_role(held, viewer.user)]
    return sorted(found, key=lambda scope: (-len(scope.classes), scope.buckets is not None))


def scopes_of_role(held: Assignment, user: str) -> list[Scope]:
    """Return what one role over one area sees. A role without case content still sees the open lists."""
    classes = ROLES[held.role].classes
    kind, _, name = held.scope.partition(":")
    if not classes:
        return [Scope(ONLY_NORMAL, OPEN_LISTS, OPEN_PREFIXES)]
    if kind == "nation":
        return [Scope(classes, None)]
    keys, prefixes = _area(held.role, kind, name)
    keys |= OPEN_LISTS | {f"user:{user}", f"assigned:{user}"}
    prefixes |= OPEN_PREFIXES
    by_classes: dict[frozenset[Privacy], tuple[set[str], set[str]]] = {}
    for found, position in ((keys, 0), (prefixes, 1)):
        for bucket in found:
            seen = kind_of(bucket).classes & classes
            by_classes.setdefault(seen, (set(), set()))[position].add(bucket)
    assigned = frozenset(key for key in keys if key.startswith(("assigned:", "team:")))
    return [
        Scope(seen, frozenset(exact), frozenset(beginnings), assigned & exact)
        for seen, (exact, beginnings) in by_classes.items()
    ]


def _area(role: str, kind: str, name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the bucket keys and prefixes of a scope's area."""
    if kind == "province":
        return frozenset(), frozenset({f"{'duty' if role == 'rru_member' else 'district'}:{name}"})
    if kind == "team":
        return frozenset({f"team:{name}"}), frozenset()
    if kind == "tambon" and role != "volunteer":
        return frozenset({f"tambon:{name}"}), frozenset()
    if role == "volunteer":
        return frozenset({f"village:{name}"} if kind == "village" else ()), frozenset()
    return frozenset({f"{'duty' if role == 'rru_member' else 'district'}:{district_of(name)}"}), frozenset()
