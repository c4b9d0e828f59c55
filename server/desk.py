"""What somebody at a desk sees of the store, over all their roles: records, histories, conflicts."""

from collections.abc import Callable, Collection
from typing import Any

from server.auth.scope import scopes_of
from server.auth.viewer import Viewer
from server.errors import NotFound
from server.store import RecordView, Scope, Store


def read(store: Store, viewer: Viewer, identifier: str, *, action: str = "read") -> tuple[RecordView, Scope]:
    """Return a record, and the scope in which the person sees most of it.

    :raises NotFound: when there is none, or it is not theirs: the two look alike.
    """
    for scope in scopes_of(viewer):
        found = store.read(scope, identifier)
        if found is not None and viewer.may(found.type, action):
            return found, scope
    raise NotFound


def read_among(store: Store, viewer: Viewer, ids: Collection[str]) -> dict[str, RecordView]:
    """Return those of some records that the person may see, neither deleted nor merged, as they see most of each."""
    found = _joined(viewer, lambda scope: store.read_among(scope, ids)) if ids else []
    return {view.id: view for view in found if viewer.may(view.type, "read")}


def find(
    store: Store,
    viewer: Viewer,
    type_name: str,
    *,
    area: str | None = None,
    text: str | None = None,
    after: str | None = None,
    limit: int,
    **equal: str,
) -> list[RecordView]:
    """Return live records of a type in id order, each as the person sees most of it."""

    def search(scope: Scope) -> list[RecordView]:
        return store.find(scope, type_name, area=area, text=text, after=after or None, limit=limit, **equal)

    return _joined(viewer, search)[:limit] if viewer.may(type_name, "read") else []


def _joined(viewer: Viewer, search: Callable[[Scope], list[RecordView]]) -> list[RecordView]:
    """Return what all scopes find; the first to see a record sees most of it."""
    found: dict[str, RecordView] = {}
    for scope in scopes_of(viewer):
        for view in search(scope):
            found.setdefault(view.id, view)
    return [found[key] for key in sorted(found)]


def history(store: Store, viewer: Viewer, identifier: str) -> list[dict[str, Any]]:
    """Return every edit of a record that the person may see, oldest first.

    :raises NotFound: as ``read``.
    """
    _, scope = read(store, viewer, identifier)
    return store.history(scope, identifier)
