"""Run the command line as ``python -m field_kit.cli``."""

from field_kit.cli import main

main()
