"""The command ``husec`` as an operator runs it: a process of its own, with the settings of one centre."""

import subprocess
import sys

from tests.acceptance.server_process import ROOT, ServerProcess, clean_environment


def husec(server: ServerProcess, *arguments: str, code: int = 0) -> str:
    """Run a command to its end and return what it says; fail when it ends with another code."""
    where = {"HUSEC_DATABASE_URL": server.database_url, "HUSEC_DATA_DIR": str(server.data_dir)}
    environment = clean_environment() | server.settings | where
    line = [sys.executable, "-m", "server.cli", *arguments]
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"husec {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr
