"""`dealgate docs`: the rules as a page to read."""

from dealgate.cli.echo import echo
from dealgate.cli.options import RULES, Rules
from dealgate.cli.shown import faults_shown
from dealgate.desk.expressions import expression_checker
from dealgate.desk.handbook import handbook
from dealgate.kinds import KINDS
from dealgate.rulebook.checking import check_folder


def docs(rules: Rules = RULES) -> None:
    """Print the rules in effect as a page: every rule, its reason, and a case that shows it."""
    with faults_shown():
        catalog, files = check_folder(rules, KINDS, expression_checker())
    echo(handbook(catalog, files), nl=False)
