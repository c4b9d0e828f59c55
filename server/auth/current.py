"""Who is asking, and whether they may: every route says one of ``@permission(...)`` or ``@public``."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from server.auth import tokens
from server.auth.viewer import Viewer
from server.centre import current_centre
from server.models.engine import reading
from sync.errors import DeviceRevoked, NotPermitted, TokenExpired, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"


def permission(
    subject: str, action: str, *, while_leaving: bool = False, on_any_device: bool = False, even_lost: bool = False
) -> Callable[[View], View]:
    """Let a route answer only those whose roles allow ``action`` on ``subject`` (see ``roles``).

    ``while_leaving``: also for a device that was revoked as ``left`` and is sending its last work.
    ``on_any_device``: also when the last role that carries a device was taken from its user. Until it hears so by a
    pull it keeps what it held, and work that it still has must reach the ledger, though nothing of it is applied.
    ``even_lost``: also for a device that was revoked as ``lost`` and is about to wipe itself.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            viewer = _authenticated(even_lost=even_lost)
            if viewer.leaving and not while_leaving:
                raise DeviceRevoked(order="left")
            if not (viewer.may(subject, action) or (on_any_device and viewer.device)):
                raise NotPermitted(needs=f"{subject}.{action}")
            return view(*args, **kwargs)

        guarded.permission = (subject, action)  # type: ignore[attr-defined]
        raised = (Unauthenticated, TokenExpired, DeviceRevoked, NotPermitted)
        guarded.raises = (*getattr(view, "raises", ()), *raised)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Let a route answer anybody."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def current_viewer() -> Viewer:
    """Return who is asking; only inside a route with a permission."""
    viewer = g.viewer
    assert isinstance(viewer, Viewer)
    return viewer


def current_device() -> str:
    """Return the asking device.

    :raises NotPermitted: when the token is a staff member's.
    """
    if (device := current_viewer().device) is None:
        raise NotPermitted(needs="device")
    return device


def _authenticated(*, even_lost: bool) -> Viewer:
    """Read the token of this request and say whom it names."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated
    centre = current_centre()
    with reading(centre.engine) as connection:
        g.viewer = tokens.viewer_of(connection, token.strip(), centre.now(), even_lost=even_lost)
    return current_viewer()
