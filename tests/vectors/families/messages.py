"""Texts that a client shows, in both languages."""

import json
from collections.abc import Iterator
from pathlib import Path

import schemas.messages
from schemas.messages import LANGUAGES, catalogue, problem_text, text
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree

SHOWN = ("error", "likeness", "notice", "outcome", "problem")
"""The parts of the catalogue that a client shows; the others are for staff who run a centre, or for the kit."""

BOUNDS = (
    {"min": 2, "max": 200},
    {"min": -90, "max": 90},
    {"max": 0},
    {},
    {"text": "ขอ {min} รูป"},
    {"max": "ก", "more": [1]},
)
KEYS = tuple(key for key in catalogue("th") if key.partition(".")[0] in SHOWN)
PROBLEMS = tuple(key.removeprefix("problem.") for key in KEYS if key.startswith("problem."))


def draw(dice: Dice) -> Iterator[Drawn]:
    for key in KEYS:
        yield "by its key", {"key": key, "parameters": {}}
        if "{" in catalogue("th")[key]:
            for bounds in BOUNDS:
                yield "by its key, with bounds", {"key": key, "parameters": bounds}
    for code in (*PROBLEMS, "no_such_problem", "", "outcome.applied"):
        yield "a problem", {"problem": {"code": code}}
        yield "a problem with bounds", {"problem": {"code": code, **dice.pick(BOUNDS)}}
    yield "a problem without a code", {"problem": {"min": 3}}


def run(given: Json) -> Json:
    if "problem" in given:
        return {language: problem_text(given["problem"], language) for language in LANGUAGES}
    return {language: text(given["key"], language, **given["parameters"]) for language in LANGUAGES}


CATALOGUES = {
    language: json.loads(Path(schemas.messages.__file__).with_name(f"{language}.json").read_text("utf-8"))
    for language in LANGUAGES
}


def check(given: Json, expect: Json) -> None:
    """Fill the texts in by hand; what is missing is an ellipsis."""
    parameters = {
        name: value for name, value in given.get("problem", given.get("parameters", {})).items() if name != "code"
    }
    for language in LANGUAGES:
        known = CATALOGUES[language]
        if "problem" in given:
            key = f"problem.{given['problem'].get('code')}"
            found = known[key if key in known else "problem.invalid"]
        else:
            found = known[given["key"]]
        parts = found.replace("}", "{").split("{")
        filled = [str(parameters.get(part, "…")) if at % 2 else part for at, part in enumerate(parts)]
        agree(expect[language], "".join(filled))


def sorts(given: Json, expect: Json) -> Iterator[str]:
    yield given["key"] if "key" in given else f"of a problem: {given['problem'].get('code')}"
    if "…" in expect["en"]:
        yield "something is missing"


MESSAGES = Family(
    name="messages",
    side="client",
    function="schemas.messages: text, problem_text",
    about="A text by its key in the catalogue, filled with `parameters`; or what a `problem` (a code with its "
    "bounds) says: "
    "`problem.<code>`, and `problem.invalid` where there is none. What is missing shows as an ellipsis (…). `th`, "
    "`en`: "
    "the exact texts.",
    draw=draw,
    run=run,
    sorts=sorts,
    check=check,
    classes=frozenset({*KEYS, *(f"of a problem: {code}" for code in PROBLEMS), "something is missing"}),
)
