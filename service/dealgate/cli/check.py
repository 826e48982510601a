"""`dealgate check`: every fault in rule files at once."""

import typer

from dealgate.cli.selection import RULES, Rules, Selection, selected
from dealgate.cli.shown import faults_shown
from dealgate.engine.cel import CelChecker
from dealgate.kinds import KINDS
from dealgate.rulebook.checking import check_folder


def check(selection: Selection = None, rules: Rules = RULES) -> None:
    """Check rule files: every fault at once, with its place, what is wrong, and the cure.

    All files are read, whatever is selected: a fault in one could hide another's.
    """
    with faults_shown():
        catalog, _ = check_folder(rules, KINDS, CelChecker())
    for ruleset in selected(catalog, selection):
        state = "released" if catalog.is_released(ruleset) else "draft"
        typer.echo(f"{ruleset.name}: {len(ruleset.rules)} rules, {state}, {ruleset.digest}")
