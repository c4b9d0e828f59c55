"""Fields that are set once: what a photo's bytes are must not change under whoever has judged it."""

from collections.abc import Mapping
from typing import Any

from schemas.base import Errors, RecordType
from sync.mutation import Mutation


def fixed_errors(kind: RecordType, data: Mapping[str, Any], mutation: Mutation) -> Errors:
    """Name the fixed fields that an update in stored form would change in a record that is there.

    To set one to what it is already changes nothing: a create that is sent again is read as such an update.
    """
    wanted = {name: to for name, (_, to) in mutation.set.items()}
    changed = [name for name, to in wanted.items() if to != data.get(name)] + [*mutation.add, *mutation.remove]
    return {name: [{"code": "fixed"}] for name in changed if name in kind.fields and kind.fields[name].fixed}
