"""Flask extensions that routes name when they are declared; bound to the application in ``create_app``."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://")
"""Guards the doors that take guesses, and deliveries. Each process counts by itself."""


def limit_attempts(app: Flask) -> None:
    """Bind the limiter to an application without its hooks.

    A route with a limit checks it by itself. The hooks would look for limits in every other request and find none,
    which is a tenth of what an idle pull costs; an application that has the limiter already gets no hooks.
    """
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
