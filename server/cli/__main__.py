"""``python -m server.cli`` is ``husec``."""

from server.cli import main

main(prog_name="husec")
