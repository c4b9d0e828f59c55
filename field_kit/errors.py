"""What can go wrong on the device, each named for the fact. Texts for people: the catalogue, under ``kit.error``."""

from collections.abc import Mapping
from typing import Any, ClassVar


class KitError(Exception):
    """Something the officer should be told. ``code`` names its text and its exit code; nothing saved is ever lost."""

    code: ClassVar[str] = "kit_error"

    def __init__(self, detail: str = "", **facts: Any) -> None:
        super().__init__(detail or self.code)
        self.facts: Mapping[str, Any] = facts


class NotEnrolled(KitError):
    """The folder holds no enrolled user."""

    code = "not_enrolled"


class AlreadyEnrolled(KitError):
    """The user has a file in the folder already."""

    code = "already_enrolled"


class SomebodyElses(KitError):
    """The code is another person's than the file. Nothing in the file was changed."""

    code = "somebody_elses"


class SeveralUsers(KitError):
    """The folder holds several users' files and none was named."""

    code = "several_users"


class NoTerminal(KitError):
    """A new passphrase is needed, and there is nobody to ask."""

    code = "no_terminal"


class Locked(KitError):
    """The file is locked and no passphrase was given."""

    code = "locked"


class WrongPassphrase(KitError):
    """The passphrase does not open the key. Nothing was changed."""

    code = "wrong_passphrase"


class PassphraseTooShort(KitError):
    """A new passphrase is shorter than ``min``."""

    code = "passphrase_too_short"


class ProgramTooOld(KitError):
    """A newer program has used the file. Nothing in it was changed."""

    code = "program_too_old"


class KeyRefused(KitError):
    """The data key does not open the file: another file's key, or a damaged file."""

    code = "key_refused"


class Invalid(KitError):
    """What was typed breaks the declaration; ``errors`` is what the server would say, by record and field."""

    code = "validation_failed"

    def __init__(self, errors: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> None:
        super().__init__(errors=errors)
        self.errors = errors


class UnknownType(KitError):
    """No such record type."""

    code = "unknown_type"


class UnknownRecord(KitError):
    """No such record on this device."""

    code = "unknown_record"


class SaveTooLarge(KitError):
    """One press of Save holds more than the centre takes in one push."""

    code = "save_too_large"


class EmergencyTooLarge(KitError):
    """An emergency is longer than what gets through ahead of everything else; it was not saved."""

    code = "emergency_too_large"


class FileTooLarge(KitError):
    """A file over the limit was offered; it was not stored."""

    code = "file_too_large"


class StoreFull(KitError):
    """The disk is full: this was NOT saved, everything before it was."""

    code = "store_full"


class Unreachable(KitError):
    """The centre could not be reached, or its answer did not arrive whole."""

    code = "unreachable"


class Offline(Unreachable):
    """No connection could be made at all: most likely there is no signal."""

    code = "offline"


class CentreNotReached(Unreachable):
    """Nobody answered at the address with which a device was to be enrolled; the code is still good."""

    code = "centre_not_reached"


class TimedOut(Unreachable):
    """The centre took too long; a smaller batch may get through."""

    code = "timed_out"


class GarbledReply(Unreachable):
    """An answer that the protocol does not know: cut off, or from somebody else (a captive portal)."""

    code = "garbled_reply"


class ServerRefused(KitError):
    """An error code that this client does not know; ``status`` and ``server_code`` are what the centre said."""

    code = "server_refused"


class DeviceCancelled(KitError):
    """The device was cancelled at the centre. Everything is still here; nothing more is sent."""

    code = "device_revoked"


class DeviceWiped(KitError):
    """The device was cancelled, and everything on it is gone: it was looked. ``confirmed``: the centre knows."""

    code = "device_wiped"


class DeviceWipedOutboxHere(DeviceWiped):
    """The same, and the sealed outbox waits here until the centre has it."""

    code = "device_wiped_outbox_here"


class WipeIncomplete(KitError):
    """Some ``files`` could not be deleted; the order to wipe stands."""

    code = "wipe_incomplete"


class LeaveRefused(KitError):
    """Work waits here that is neither sent nor exported. Nothing was deleted."""

    code = "leave_refused"


class ExportInside(KitError):
    """The file would lie in the device's own folder; it was not written."""

    code = "export_inside"


class NotSealedWork(KitError):
    """Not a file of sealed work, or part of it is missing. Nothing was kept."""

    code = "not_sealed_work"


class NoCentreKey(KitError):
    """The device never had the centre's public key, so nothing can be sealed."""

    code = "no_centre_key"


class NotRecoverable(KitError):
    """The key file says nothing by which the centre could help: it is older than that."""

    code = "not_recoverable"


class RecoveryOpen(KitError):
    """Staff have yet to decide; ``code`` is what to read out to them."""

    code = "recovery_open"


class RecoveryRefused(KitError):
    """Staff did not give the key back, or not in time (``state``). Nothing was changed."""

    code = "recovery_refused"


class AmbiguousRecord(KitError):
    """What was typed fits several records."""

    code = "ambiguous_record"


class BadValue(KitError):
    """What was typed for a field cannot be read; ``hint`` says how to write it."""

    code = "bad_value"


class BadField(KitError):
    """A field that the type does not have."""

    code = "bad_field"


class BadInput(KitError):
    """Input that is not JSON, or not of the shape that is wanted."""

    code = "bad_input"
