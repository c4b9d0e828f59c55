"""What one part did and what it found missing; printed at its end."""

import time
from dataclasses import dataclass, field
from typing import Any

SHOWN_MAX = 12


@dataclass
class Findings:
    """The account of one part. ``missing`` is empty when every promise was kept."""

    name: str
    did: dict[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def add(self, **counts: int) -> None:
        """Count what was done."""
        for name, count in counts.items():
            self.did[name] = self.did.get(name, 0) + count

    def lose(self, *problems: str) -> None:
        """Write down what is missing or wrong."""
        self.missing += problems

    def text(self) -> str:
        """Say what was done, and what is missing."""
        took = time.monotonic() - self.began
        lines = [f"— {self.name}: {'LOSS' if self.missing else 'nothing missing'} ({took:.0f} s)"]
        lines += [f"    {name.replace('_', ' '):<44}{value}" for name, value in self.did.items()]
        lines += [f"    ✗ {each}" for each in self.missing[:SHOWN_MAX]]
        if (more := len(self.missing) - SHOWN_MAX) > 0:
            lines.append(f"    ✗ … and {more} more")
        return "\n".join(lines)
