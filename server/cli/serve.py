"""``husec serve``."""

import click
from werkzeug.serving import run_simple

from server import create_app
from server.cli.saying import ready


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """เปิดศูนย์ (สำหรับผู้พัฒนา) · Serve for development; for real use ``make run``."""
    run_simple(host, port, create_app(centre=ready()), threaded=True)
