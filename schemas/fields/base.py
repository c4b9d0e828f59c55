"""The base of every field kind."""

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError
from marshmallow import fields as ma

from schemas.base import Declared, Label, Merge, Origin, Risk
from schemas.privacy import Privacy
from schemas.rules import Rule

CODES: Any = {
    "required": [{"code": "required"}],
    "null": [{"code": "required"}],
    "validator_failed": [{"code": "invalid"}],
}


def refused(code: str, **what: Any) -> ValidationError:
    """Return the error whose single problem has this code."""
    return ValidationError([{"code": code, **what}])  # leaves are problems, not texts


class RecordField(Declared, ma.Field[Any]):
    """Base of every kind: two labels, then what differs from the usual."""

    default_error_messages = CODES

    def __init__(
        self,
        th: str,
        en: str,
        *,
        required: bool = False,
        merge: Merge | None = None,
        privacy: Privacy = Privacy.NORMAL,
        privacy_from: str | None = None,
        group: str | None = None,
        hint: Label | None = None,
        rules: Sequence[Rule] = (),
        written_by: Origin = Origin.FIELD,
        risk: Risk = Risk.ORDINARY,
        fixed: bool = False,
    ) -> None:
        super().__init__(required=required, allow_none=not required, validate=list(rules) or None)
        self.label = Label(th, en)
        self.hint = hint
        self.merge = merge or self.default_merge
        self.privacy = privacy
        self.privacy_from = privacy_from
        self.group = group
        self.rules = tuple(rules)
        self.written_by = written_by
        self.risk = risk
        self.fixed = fixed

    def wrong_type(self) -> ValidationError:
        """Return the error for a value of another JSON type than this kind's."""
        return refused("wrong_type", kind=self.kind)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.stored(value)

    def stored(self, value: Any) -> Any:
        """Return a value as it is stored; storing it again changes nothing.

        :raises ValidationError: with a list of problems, for a value that is not of this kind.
        """
        raise NotImplementedError
