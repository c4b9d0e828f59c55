"""What is tracked installs anywhere: it names no registry, and the built wheel is complete."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("server", "sync", "schemas", "field_kit")


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_file_pins_by_hash_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    pins = re.findall(r"^([a-z0-9][^ ]*==.*?)(?=^[a-z0-9#]|\Z)", text, re.MULTILINE | re.DOTALL)

    assert pins
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
    assert re.findall(r"://|index-url|find-links", text) == []


@pytest.mark.process
def test_the_wheel_carries_every_tracked_file_of_the_packages(tmp_path: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    )
    present = {name for name in tracked.stdout.split("\0") if name and (ROOT / name).exists()}

    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)

    [wheel] = tmp_path.glob("*.whl")
    assert present - set(zipfile.ZipFile(wheel).namelist()) == set()
