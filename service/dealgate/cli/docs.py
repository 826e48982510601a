"""`dealgate docs`: the rules as a page to read."""

from dealgate.cli.echo import echo
from dealgate.cli.options import RULES, Rules, Selection, TellFaults
from dealgate.cli.selection import kind_of, read, selected
from dealgate.cli.shown import faults_shown, told_as
from dealgate.desk.handbook import handbook, shown_on, version_page
from dealgate.rulebook.cases import load_cases


def docs(selection: Selection = None, rules: Rules = RULES, format_: TellFaults = "text") -> None:
    """Print the rules in effect as a page: every rule, its reason, and a case that shows it.

    For a kind or a scope (`qualify/emea`), the version released last; or one version, even a draft.
    """
    with told_as(format_) as answer:
        catalog = read(rules, kind_of(selection, rules))
        chosen = selected(catalog, selection)
        named = selection is not None and "@" in selection
        shelves = dict.fromkeys(ruleset.shelf for ruleset in chosen)
        shown = chosen if named else shown_on(catalog, shelves)
        with faults_shown():
            files = load_cases(rules, catalog.kinds, shown)
        page = (
            version_page(catalog, chosen[0], files) if named else handbook(catalog, files, shelves)
        )
        answer["page"] = page
        if format_ == "text":
            echo(page, nl=False)
