"""What the kit says, beside the common catalogue: one file per language, every key under ``kit.``."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from schemas import messages as common
from schemas.messages import LANGUAGES

__all__ = ["LANGUAGES", "catalogue", "text"]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the kit's own texts in a language."""
    return MappingProxyType(json.loads(files(__package__).joinpath(f"{language}.json").read_text("utf-8")))


def text(key: str, language: str, **parameters: Any) -> str:
    """Return a text, the kit's own or the common one, filled in.

    :raises KeyError: for a key that neither catalogue has.
    """
    own = catalogue(language).get(key)
    if own is None:
        return common.text(key, language, **parameters)
    return own.format_map(_Shown(parameters))


class _Shown(dict[str, Any]):
    """What a text is filled with; what is missing shows as an ellipsis."""

    def __missing__(self, name: str) -> str:
        return "…"
