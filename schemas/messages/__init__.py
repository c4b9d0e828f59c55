"""The message catalogue: one file per language, read by server, kit and phone.

Keys are ``problem.<code>`` (one field), ``error.<code>.title`` and ``.detail`` (a whole exchange, or the reason of a
rejected mutation), ``outcome.<name>``, ``notice.<code>``, ``likeness.<code>``, ``backup.<code>``,
``doctor.<code>`` and ``screen.<name>``. Placeholders are ``{name}``.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

LANGUAGES = ("th", "en")
"""The first is the one used when nothing else was asked for."""


class _Parameters(dict[str, Any]):
    """What a text is filled with; what is missing shows as an ellipsis rather than failing in a user's face."""

    def __missing__(self, name: str) -> str:
        return "…"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return every text of a language.

    :raises KeyError: for a language there is no catalogue of.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    return MappingProxyType(json.loads(files(__package__).joinpath(f"{language}.json").read_text("utf-8")))


def text(key: str, language: str = LANGUAGES[0], **parameters: Any) -> str:
    """Return a text in a language, filled in.

    :raises KeyError: for a key that is not in the catalogue.
    """
    return catalogue(language)[key].format_map(_Parameters(parameters))


def problem_text(problem: Mapping[str, Any], language: str = LANGUAGES[0]) -> str:
    """Return what a problem of a field says to its author; one without a text is said to be invalid."""
    key = f"problem.{problem.get('code')}"
    known = key if key in catalogue(language) else "problem.invalid"
    return text(known, language, **{name: value for name, value in problem.items() if name != "code"})


def preferred_language(accept_language: str | None) -> str:
    """Return the language of an Accept-Language header that there is a catalogue of; Thai when it names none."""
    asked: list[tuple[float, str]] = []
    for part in (accept_language or "").split(","):
        name, _, quality = part.partition(";")
        primary = name.strip().lower().partition("-")[0]
        if primary in LANGUAGES:
            asked.append((_quality(quality), primary))
    best = max(asked, key=lambda found: found[0], default=(0.0, LANGUAGES[0]))
    return best[1] if best[0] > 0 else LANGUAGES[0]


def _quality(parameter: str) -> float:
    _, _, value = parameter.partition("q=")
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0
