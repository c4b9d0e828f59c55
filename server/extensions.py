"""Flask extensions that routes name when they are declared; bound to the application in ``create_app``."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://")
"""Guards the two doors that take guesses: sign-in and enrolment. Each process counts by itself."""
