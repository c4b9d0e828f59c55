"""Files that people can read in a diff: one vector on a line, Thai as it is, nothing invisible."""

import json
import re
from pathlib import Path
from typing import Any

from tests.vectors.family import Family, Json

FOLDER = Path(__file__).parent

_INVISIBLE = re.compile(
    "[\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ue000-\uf8ff"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)


def path_of(family: Family) -> Path:
    return FOLDER / family.side / f"{family.name}.json"


def line(value: Any) -> str:
    """Return JSON on one line; what cannot be seen is escaped."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def file_of(family: Family, vectors: list[Json]) -> str:
    """Return a whole file."""
    head = {"about": family.about, "function": family.function, **family.more}
    parts = [f"{line(name)}: {line(head[name])}" for name in sorted(head)]
    rows = ",\n".join(line(vector) for vector in vectors)
    return "{\n" + ",\n".join(parts) + ',\n"vectors": [\n' + rows + "\n]}\n"


def read(path: Path) -> Json:
    found: Json = json.loads(path.read_text("utf-8"))
    return found
