"""A centre on each store, as the centre's own tests have it."""

from tests.server.conftest import centre, open_centre_with

__all__ = ["centre", "open_centre_with"]
