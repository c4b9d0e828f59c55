"""Damage a valid message: its bytes, its JSON structure, its values. What comes out is often still almost right."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Token:
    """Text that goes into JSON as it is, whether it is JSON or not."""

    text: str


@dataclass(frozen=True)
class Twice:
    """A value whose name appears twice in its object, first with ``other``."""

    value: Any
    other: Any


TOKENS = tuple(
    map(
        Token,
        (
            "NaN", "-Infinity", "1e999", "-0", "1E400", "9223372036854775807", "9223372036854775808",
            "-9223372036854775809", "18446744073709551616", "4611686018427387904", "0.1", "1e3", "9" * 400,
            '"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\\u202e"', '"\\ufeff"',
            "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
            "[" * 1_100 + "]" * 1_100, '{"a":' * 1_100 + "1" + "}" * 1_100, "", "nul", "'a'", "{}", "[]", "[{}]",
            "{\"\":{}}",
        ),
    )
)  # fmt: skip

VALUES = (
    None, True, False, 0, 1, -1, 2**31, 2**53 + 1, 2**62, 2**63, -(2**63) - 1, 10**25, 0.5, -0.0, 1e308, "", " ",
    "0", "null",
    "a" * 41, "ก" * 400, "a" * 70_000, "๔๓๒", "²", "ﷺ", "e\u0301", "\u0e4d\u0e32", "\x00", "\x7f", "\n", "a\n",
    "2026-02-30", "2026-11-23T25:00:00Z",
    "9999-12-31T23:59:59.999Z", "0001-01-01", "-0001-01-01T00:00:00Z", "01a00000-0000-7000-8000-0000000000ff",
    "01A00000-0000-7000-8000-0000000000FF", "01a00000-0000-7000-8000-0000000000ff\n", "user:", "district:5401",
    "nowhere:1", "district",
    "../../etc/passwd", "' OR 1=1 --", "%s", "{}", "__proto__", "self", [], {}, [[]], [None], {"": ""},
    {"self": 1, "code": []},
    [1, "a"], [0, None], [2**62, None], ["a", "b", "c"], {"seq": 0, "id": None},
)  # fmt: skip
"""What a value may become: of another kind, at an edge, in another script, in another's form."""

NAMES = ("self", "cls", "code", "id", "seq", "data", "set", "type", "", "\x00", "ก", "__class__", "retry_after_ms")


def garbled(valid: bytes) -> st.SearchStrategy[bytes]:
    """Return what a message may become: mostly damage to its structure, sometimes to its bytes, sometimes both."""
    document = json.loads(valid)
    structured = _edited(document).map(written)
    return st.one_of(structured, structured, structured, _cut_up(valid), structured.flatmap(_cut_up))


def edited(document: Any) -> st.SearchStrategy[bytes]:
    """Return what the structure of a document may become, as JSON or almost."""
    return _edited(document).map(written)


def written(value: Any) -> bytes:
    """Return a garbled document as bytes; a lone surrogate goes as the bytes that UTF-8 forbids."""
    return _text(value).encode("utf-8", "surrogatepass")


@st.composite
def _edited(draw: st.DrawFn, document: Any) -> Any:
    """Change up to three places."""
    for _ in range(draw(st.integers(1, 3))):
        document = _changed(draw, document)
    return document


def _changed(draw: st.DrawFn, node: Any) -> Any:
    """Go down at random and change what is there."""
    if isinstance(node, dict) and node and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(sorted(node)))
        return _with_change(draw, node, name)
    if isinstance(node, list) and node and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(node) - 1))
        how = draw(st.integers(0, 8))
        if how == 0:
            return node[:at] + node[at + 1 :]
        if how == 1:
            return [*node[: at + 1], *node[at:]]
        return [*node[:at], _changed(draw, node[at]), *node[at + 1 :]]
    return _other(draw, node)


def _with_change(draw: st.DrawFn, node: dict[str, Any], name: str) -> dict[str, Any]:
    how = draw(st.integers(0, 10))
    if how == 0:
        return {key: value for key, value in node.items() if key != name}
    if how == 1:
        return {**node, draw(st.sampled_from(NAMES)): node[name]}
    if how == 2:
        return {**node, name: Twice(node[name], draw(st.sampled_from(VALUES)))}
    if how == 3:
        return {key: value for key, value in node.items() if key != name} | {name.upper(): node[name]}
    return {**node, name: _changed(draw, node[name])}


def _other(draw: st.DrawFn, node: Any) -> Any:
    """Return something in the place of a value."""
    choices: list[st.SearchStrategy[Any]] = [st.sampled_from(VALUES), st.sampled_from(VALUES), st.sampled_from(TOKENS)]
    if isinstance(node, str):
        choices += [st.text(max_size=30), st.just(node * 2), st.just(node[:-1]), st.just(node + "\n"), st.just([node])]
    elif isinstance(node, int) and not isinstance(node, bool):
        choices += [st.just(node + 1), st.just(node - 1), st.just(str(node)), st.just(float(node)), st.integers()]
    else:
        choices += [st.just([node]), st.just({"a": node}), st.just(str(node)[:50])]
    return draw(st.one_of(choices))


@st.composite
def _cut_up(draw: st.DrawFn, raw: bytes) -> bytes:
    """Flip, cut, repeat or insert bytes."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        how = draw(st.integers(0, 4))
        length = draw(st.integers(0, 40))
        if how == 0:
            raw = raw[:at]
        elif how == 1:
            raw = raw[:at] + draw(st.binary(max_size=20)) + raw[at:]
        elif how == 2:
            raw = raw[:at] + raw[at + length :]
        elif how == 3:
            raw = raw[:at] + raw[at : at + length] + raw[at:]
        elif at < len(raw):
            raw = raw[:at] + bytes([raw[at] ^ (1 << draw(st.integers(0, 7)))]) + raw[at + 1 :]
    return raw


def cut_up(raw: bytes) -> st.SearchStrategy[bytes]:
    """Return what the bytes of anything may become."""
    return _cut_up(raw)


def _text(value: Any) -> str:
    if isinstance(value, Token):
        return value.text
    if isinstance(value, Twice):  # moved out of its object
        return _text(value.value)
    if isinstance(value, dict):
        return "{" + ",".join(_member(name, each) for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _member(name: str, value: Any) -> str:
    key = json.dumps(name, ensure_ascii=False)
    if isinstance(value, Twice):
        return f"{key}:{_text(value.other)},{key}:{_text(value.value)}"
    return f"{key}:{_text(value)}"
