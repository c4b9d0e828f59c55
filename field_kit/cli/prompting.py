"""Ask for a record's fields one by one, drawn from its declaration."""

from collections.abc import Iterable, Mapping
from typing import Any

import click

from field_kit.cli.exits import error_lines
from field_kit.cli.typed import Typing
from field_kit.errors import BadValue
from field_kit.messages import text
from schemas.base import FieldSpec, Origin, RecordType
from schemas.vocabulary import VOCABULARIES

NOT_ASKED = frozenset({"log", "objects", "object", "raw", "sha256", "reference_number", "id", "user"})
"""Kinds that the device fills in, or that no line of typing can hold."""

OWN_WAY = frozenset({"maybe_same_as"})
"""Asked in another way: who may be the same is looked for first (``new_person``)."""


def asked_fields(kind: RecordType) -> list[FieldSpec]:
    """Return the fields a form has, in the order of the declaration."""
    by_people = [spec for spec in kind.fields.values() if spec.written_by is Origin.FIELD and spec.name not in OWN_WAY]
    return [spec for spec in by_people if spec.kind not in NOT_ASKED and not spec.name.endswith("_precision")]


def ask(typing: Typing, names: Iterable[str] | None = None, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Ask for fields not given yet (or for those named) and return what was answered."""
    values: dict[str, Any] = {}
    only = None if names is None else set(names)
    for spec in asked_fields(typing.kind):
        wanted = spec.name in only if only is not None else spec.name not in (given or {})
        if wanted:
            values |= _answer(typing, spec)
    return values


def _answer(typing: Typing, spec: FieldSpec) -> dict[str, Any]:
    """Ask until the answer can be read; nothing at all skips the field."""
    name = spec.name.removesuffix("_satang") if spec.kind == "money" else spec.name
    while True:
        typed = str(click.prompt(_question(spec, typing.language), default="", show_default=False)).strip()
        if not typed:
            return {}
        try:
            return typing.value(name, _chosen(spec, typed))
        except BadValue as wrong:
            click.secho(error_lines(wrong, typing.language)[0], fg="yellow", err=True)


def _question(spec: FieldSpec, language: str) -> str:
    parts = [str(getattr(spec.label, language))]
    if spec.kind == "money":
        parts.append(text("kit.prompt.baht", language))
    if spec.required:
        parts.append(text("kit.prompt.required", language))
    if spec.hint:
        parts.append(f"\n  {getattr(spec.hint, language)}\n ")
    if spec.vocabulary:
        codes = VOCABULARIES[spec.vocabulary].codes.values()
        parts += [f"\n  {number} {getattr(code.label, language)}" for number, code in enumerate(codes, start=1)]
        parts.append(f"\n  {text('kit.prompt.choices', language)}")
    return " ".join(parts)


def _chosen(spec: FieldSpec, typed: str) -> str:
    """Return what was typed with numbers of the list replaced by its codes."""
    if not spec.vocabulary:
        return typed
    codes = list(VOCABULARIES[spec.vocabulary].codes)
    parts = [part.strip() for part in typed.split(",")]
    return ",".join(codes[int(part) - 1] if part.isdigit() and 0 < int(part) <= len(codes) else part for part in parts)
