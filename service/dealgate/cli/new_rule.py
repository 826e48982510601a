"""`dealgate new-rule`: the skeleton of a rule and its cases, in the newest draft."""

import asyncio
import re
from pathlib import Path
from typing import Annotated

import typer

from dealgate.assemble.engines import make_engine
from dealgate.cli.echo import echo
from dealgate.cli.new_version import save
from dealgate.cli.options import RULES, Rules, TellFaults
from dealgate.cli.selection import kind_of, selected
from dealgate.cli.shown import faults_shown, give_up, told_as
from dealgate.desk.drafting.rules import NoExample
from dealgate.desk.drafting.rules import new_rule as drafted_rule
from dealgate.desk.drafting.versions import Texts, files_of, next_version
from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.rulebook.checking import check_folder

Kind = Annotated[str, typer.Argument(help="For example `qualify`.")]
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def new_rule(
    kind: Kind,
    id_: Annotated[
        str, typer.Argument(metavar="[ID]", help="Names the situation, not the verdict: too-small.")
    ] = "new-rule",
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Add a skeleton rule with its first cases to the newest draft.

    If the newest version is released, the next one is created as a copy of it. The result passes
    `dealgate check` and `dealgate test`; comments explain what to fill in.
    """
    with told_as(format_):
        if not ID.fullmatch(id_):
            give_up(f"'{id_}' is not a rule id; write it like this: too-small")
        texts = asyncio.run(_drafted(kind, id_, rules))
        save(texts)
        echo(f"Now write {id_}; `dealgate check` and `dealgate test {kind}` tell what is missing.")


async def _drafted(kind: str, id_: str, rules: Path) -> Texts:
    checker, only = expression_checker(), kind_of(kind, rules)
    with faults_shown():
        catalog, files = check_folder(rules, KINDS, checker, only and (only,))
    ruleset = selected(catalog, kind)[-1]
    if id_ in {rule.id for rule in ruleset.rules}:
        give_up(f"{ruleset.name} has a rule {id_} already; choose another id")
    file = next(file for file in files if file.ruleset is ruleset)
    home = rules / kind
    released = catalog.is_released(ruleset)
    make = next_version if released else files_of
    engine = make_engine("native")
    try:
        texts = make(home, ruleset.version)
        return await drafted_rule(texts, file.kind, id_, file, checker, engine)
    except NoExample:
        give_up(
            f"no case of {ruleset.name} can be made into one that only a new rule fires in;"
            " write the rule and its case by hand, as rules/README.md shows"
        )
    finally:
        await engine.close()
