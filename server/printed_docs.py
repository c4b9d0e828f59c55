"""The pages of docs/ that are printed from the program: ``husec docs write``. A test keeps them current."""

from collections.abc import Callable, Mapping
from dataclasses import fields

from server.auth.roles import ROLES, Role
from server.config import ENVIRONMENT_PREFIX, Settings

PRINTED = "<!-- Printed by `husec docs write`; change the program, not this page. -->\n"


def pages() -> dict[str, str]:
    """Return every printed page by file name."""
    printers: Mapping[str, Callable[[], str]] = {"permissions.md": permissions, "settings.md": settings}
    return {name: printer() for name, printer in printers.items()}


def settings() -> str:
    """Return the page of settings."""
    lines = [
        PRINTED,
        "# Settings",
        "",
        "Each is an environment variable.",
        "",
        "| variable | default | what it is |",
        "|---|---|---|",
    ]
    for each in fields(Settings):
        default = "" if each.default in (None, "") else f"`{each.default}`"
        lines.append(f"| `{ENVIRONMENT_PREFIX}{each.name.upper()}` | {default} | {each.metadata['doc']} |")
    return "\n".join(lines) + "\n"


def permissions() -> str:
    """Return the permission table: one section per role, one row per type."""
    intro = (
        "What a role may do at all. Which records, is a matter of the scope it is held over; which fields of them, of "
        "privacy classes (`docs/protocol.md` section 5). The table is `server/auth/roles.py`."
    )
    return (
        "\n\n".join([PRINTED + "\n# Roles and permissions", intro, *(_section(role) for role in ROLES.values())]) + "\n"
    )


def _section(role: Role) -> str:
    sees = ", ".join(sorted(role.classes)) or "no case content"
    device = "yes" if role.carries_device else "no"
    about = f"Held over: {', '.join(role.scopes)}. Device: {device}. At the centre sees: {sees}."
    rows = [f"| `{name}` | {', '.join(sorted(actions))} |" for name, actions in sorted(role.may.items())]
    return "\n".join(
        [f"## {role.label.th} · {role.label.en} (`{role.name}`)", "", about, "", "| type | may |", "|---|---|", *rows]
    )
