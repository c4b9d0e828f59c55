"""Where a run keeps its files: a folder of its own, so that one demo may serve while another runs; and the summary."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VAR = Path("var/demo")
SUMMARY = VAR / "summary.json"


@contextmanager
def run_folder() -> Iterator[Path]:
    """Give an empty folder for this run; it goes when the run ends, and so do those of runs that were killed."""
    VAR.mkdir(parents=True, exist_ok=True)
    SUMMARY.unlink(missing_ok=True)
    for left in VAR.glob("run-*"):
        if not runs(int(left.name.removeprefix("run-"))):
            shutil.rmtree(left, ignore_errors=True)
    folder = VAR / f"run-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder.absolute()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def runs(process: int) -> bool:
    """Tell whether a process is alive."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def write_summary(summary: dict[str, Any]) -> None:
    """Leave the outcome for programs to read, whole or not at all."""
    part = SUMMARY.with_suffix(".part")
    part.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")
    part.replace(SUMMARY)
