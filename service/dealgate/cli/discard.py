"""`dealgate discard`: deletes a draft."""

from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.options import RULES, Number, Rules, TellFaults, Version
from dealgate.cli.selection import named_version, read
from dealgate.cli.shown import give_up, told_as
from dealgate.desk.drafting.versions import paths_of


def discard(
    version: Version,
    number: Number = None,
    rules: Rules = RULES,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    format_: TellFaults = "text",
) -> None:
    """Delete a draft with its cases and tables; released versions stay.

    Other versions keep their numbers.
    """
    with told_as(format_):
        kind, wanted = named_version(version, number, rules)
        name = f"{kind}@{wanted}"
        if any(wanted in line.versions for line in read(rules, kind).releases(kind)):
            give_up(f"{name} was released: its text is what decisions were taken by, and stays")
        paths = paths_of(rules / kind, wanted)
        if not paths:
            give_up(f"there is no {name} in {rules}")
        if not yes:
            listed = ", ".join(path.name for path in paths)
            typer.confirm(f"Delete {listed} of {rules / kind}?", abort=True)
        for path in paths:
            path.unlink()
            echo(f"{path}: deleted")
