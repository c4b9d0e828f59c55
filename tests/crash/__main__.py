"""``python -m tests.crash``: keep the promises of the product through every crash that can be made here."""

from collections.abc import Iterator, Sequence

import click

from tests.crash.findings import Findings

PARTS = ("server-kill", "kit-kill", "disk-full", "postgres-immediate", "bad-link", "torn-writes")


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="do only this part; may be said several times")
@click.option("--seed", default=4, show_default=True, help="of everything that is random")
@click.option("--kills", default=1_000, show_default=True, help="server-kill: deaths of the centre on SQLite")
@click.option("--postgres-kills", default=50, show_default=True, help="server-kill: deaths of the centre on PostgreSQL")
@click.option("--kit-kills", default=300, show_default=True, help="kit-kill: deaths of kits")
@click.option("--rounds", default=10, show_default=True, help="disk-full: how often the room is taken away, each way")
@click.option("--stops", default=30, show_default=True, help="postgres-immediate: stops of the database")
@click.option("--kits", default=6, show_default=True, help="bad-link: kits at work")
@click.option("--steps", default=60, show_default=True, help="bad-link: what each kit does")
@click.option("--session", default=200, show_default=True, help="torn-writes: steps of the recorded session")
@click.option("--pushes", default=25, show_default=True, help="torn-writes: pushes of the recorded session of a centre")
def main(only: Sequence[str], **counts: int) -> None:
    """Kill, fill up, cut off, and look whether anything that was promised is missing.

    Exit code 1: something is, or a part could not be tried on this machine.
    """
    found: list[Findings] = []
    for name in only or PARTS:
        for findings in done(name, counts):
            click.echo(findings.text())
            found.append(findings)
    lost = [each.name for each in found if each.missing]
    click.echo(f"\n{len(found)} parts, {len(lost)} with a loss or not tried{': ' + '; '.join(lost) if lost else ''}")
    raise SystemExit(bool(lost))


def done(name: str, counts: dict[str, int]) -> Iterator[Findings]:
    """Do one part and yield what was found, account by account; it is imported only when it is wanted."""
    from tests.crash import bad_link, disk_full, kit_kill, postgres_immediate, server_kill, torn_centre, torn_writes

    seed = counts["seed"]
    match name:
        case "server-kill":
            yield server_kill.run(counts["kills"], seed)
            if counts["postgres_kills"]:
                yield postgres_immediate.killed_centre(counts["postgres_kills"], seed)
        case "kit-kill":
            yield kit_kill.run(counts["kit_kills"], seed)
        case "disk-full":
            yield from disk_full.run(counts["rounds"], seed)
        case "postgres-immediate":
            yield postgres_immediate.run(counts["stops"], seed)
        case "bad-link":
            yield bad_link.run(counts["kits"], counts["steps"], seed)
        case "torn-writes":
            yield from torn_writes.run(counts["session"], seed)
            yield from torn_centre.run(counts["pushes"], seed)


if __name__ == "__main__":
    main()
