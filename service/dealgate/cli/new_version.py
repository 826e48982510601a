"""`dealgate new-version`: the next version of a kind's rules, as a draft."""

from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.selection import RULES, Rules, kind_of, read, selected
from dealgate.cli.shown import give_up
from dealgate.desk.appending import replace_durably
from dealgate.desk.drafting.versions import WHY, Texts, newest, next_version

Kind = Annotated[str, typer.Argument(help="For example `qualify`.")]


def new_version(
    kind: Kind,
    because: Annotated[str, typer.Option("--because", help="Why this version exists.")] = WHY,
    rules: Rules = RULES,
) -> None:
    """Copy the newest version of a kind, with its cases and tables, to the next number.

    What is written is a draft: change it, then try and release it. A draft that is there already
    is not copied: change that.
    """
    catalog = read(rules, kind_of(kind))
    ruleset = selected(catalog, kind)[-1]
    if not catalog.is_released(ruleset):
        give_up(f"{ruleset.name} is a draft already: change it, or release it first")
    save(next_version(rules / kind, newest(rules / kind), because))


def save(texts: Texts) -> None:
    """Write files that are new or have changed, and say so."""
    for path, text in texts.items():
        if not Path(path).exists() or path.read_text(encoding="utf-8") != text:
            word = "changed" if path.exists() else "written"
            replace_durably(path, text.encode())
            typer.echo(f"{path}: {word}")
