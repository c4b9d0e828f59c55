"""How a command ends: an exit code with a meaning, and an error that says what happened and what to do next."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from field_kit.errors import Invalid, KitError
from field_kit.messages import catalogue, text
from schemas.messages import problem_text
from schemas.records import RECORD_TYPES
from sync.errors import ProtocolError


class Exit(IntEnum):
    """Exit codes. 2 is click's own: the command was not written as it should be."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_VALID = 3
    LOCKED = 4
    NOT_ENROLLED = 5
    NOT_FOUND = 6
    UNREACHABLE = 7
    REFUSED = 8
    CANCELLED = 9
    UNSOUND = 10
    NOT_STORED = 11
    STILL_WAITING = 12


MEANINGS: Mapping[Exit, str] = {
    Exit.DONE: "done",
    Exit.FAILED: "something unexpected; saved work is safe",
    Exit.USAGE: "the command was not written as it should be",
    Exit.NOT_VALID: "an answer is wrong or missing; nothing was saved",
    Exit.LOCKED: "locked, or a wrong passphrase",
    Exit.NOT_ENROLLED: "not enrolled, enrolled already, or several users and none named",
    Exit.NOT_FOUND: "no such record or type on this device",
    Exit.UNREACHABLE: "no signal, or the connection broke; work is safe and goes next time",
    Exit.REFUSED: "the centre refused the exchange; work is safe",
    Exit.CANCELLED: "the device was cancelled at the centre; if it says so, everything on it is deleted",
    Exit.UNSOUND: "doctor found something wrong",
    Exit.NOT_STORED: "too large, or the disk is full; this was not saved",
    Exit.STILL_WAITING: "work waits here, or staff have not decided yet; nothing was deleted or changed",
}

CODES: Mapping[str, Exit] = {
    "validation_failed": Exit.NOT_VALID,
    "bad_value": Exit.NOT_VALID,
    "bad_field": Exit.NOT_VALID,
    "bad_input": Exit.NOT_VALID,
    "locked": Exit.LOCKED,
    "no_terminal": Exit.LOCKED,
    "wrong_passphrase": Exit.LOCKED,
    "passphrase_too_short": Exit.LOCKED,
    "key_refused": Exit.LOCKED,
    "program_too_old": Exit.LOCKED,
    "not_enrolled": Exit.NOT_ENROLLED,
    "already_enrolled": Exit.NOT_ENROLLED,
    "several_users": Exit.NOT_ENROLLED,
    "somebody_elses": Exit.NOT_ENROLLED,
    "unknown_type": Exit.NOT_FOUND,
    "unknown_record": Exit.NOT_FOUND,
    "ambiguous_record": Exit.NOT_FOUND,
    "unreachable": Exit.UNREACHABLE,
    "offline": Exit.UNREACHABLE,
    "centre_not_reached": Exit.UNREACHABLE,
    "timed_out": Exit.UNREACHABLE,
    "garbled_reply": Exit.UNREACHABLE,
    "server_refused": Exit.REFUSED,
    "device_revoked": Exit.CANCELLED,
    "device_wiped": Exit.CANCELLED,
    "device_wiped_outbox_here": Exit.CANCELLED,
    "wipe_incomplete": Exit.FAILED,
    "leave_refused": Exit.STILL_WAITING,
    "recovery_open": Exit.STILL_WAITING,
    "recovery_refused": Exit.REFUSED,
    "not_recoverable": Exit.LOCKED,
    "export_inside": Exit.NOT_STORED,
    "no_centre_key": Exit.NOT_STORED,
    "not_sealed_work": Exit.NOT_VALID,
    "save_too_large": Exit.NOT_STORED,
    "emergency_too_large": Exit.NOT_STORED,
    "file_too_large": Exit.NOT_STORED,
    "store_full": Exit.NOT_STORED,
}


def exit_code(error: KitError | ProtocolError) -> Exit:
    """Return the exit code of an error."""
    if isinstance(error, KitError):
        return CODES.get(error.code, Exit.FAILED)
    return Exit.CANCELLED if error.code == "device_revoked" else Exit.REFUSED


def error_lines(error: KitError | ProtocolError, language: str) -> list[str]:
    """Return what happened, whether the work is safe, one next step, and the wrong answers one by one."""
    if isinstance(error, ProtocolError):
        if (key := f"kit.error.{error.code}") in catalogue(language):  # what to do next on a computer
            return [text(key, language, **error.extra)]
        return [" · ".join(text(f"error.{error.code}.{part}", language) for part in ("title", "detail"))]
    if isinstance(error, Invalid):
        wrong = list(wrong_answers(error, language))
        return [text("kit.error.validation_failed", language, count=len(wrong)), *wrong]
    facts = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in error.facts.items()
    }
    choices = [f"  {each}" for each in error.facts.get("choices", [])]
    return [text(_key(error.code, language), language, **{"detail": str(error), **facts}), *choices]


def _key(code: str, language: str) -> str:
    key = f"kit.error.{code}"
    return key if key in catalogue(language) else "kit.error.kit_error"


def wrong_answers(error: Invalid, language: str) -> list[str]:
    """Return one line per problem: the field's label, its name, what is wrong."""
    return [
        f"  {label_of(name, language)} ({name}): {problem_text(problem, language)}"
        for errors in error.errors.values()
        for name, problems in errors.items()
        for problem in problems
    ]


def label_of(name: str, language: str) -> str:
    """Return a field's label, whatever type it is of."""
    for kind in RECORD_TYPES.values():
        if name in kind.fields:
            return str(getattr(kind.fields[name].label, language))
    return name


def as_json(error: KitError | ProtocolError, language: str) -> dict[str, Any]:
    """Return an error for programs: its stable code, its text, its facts."""
    facts = dict(error.facts if isinstance(error, KitError) else error.extra)
    return {"error": error.code, "detail": "\n".join(error_lines(error, language)), **facts}
