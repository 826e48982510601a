"""`dealgate rollback`: a line in releases.yaml that names an earlier version."""

from dealgate.cli.options import RULES, Because, By, DryRun, From, KeyFile, Kind, Rules, TellFaults
from dealgate.cli.releasing import append, author, instant
from dealgate.cli.selection import kind_of
from dealgate.cli.shown import told_as
from dealgate.model.changes import Wanted


def rollback(
    kind: Kind,
    because: Because,
    start: From = None,
    by: By = None,
    key: KeyFile = None,
    *,
    dry_run: DryRun = False,
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Return to the previously released version: now, or at --from.

    Nothing is taken out of releases.yaml: one more line names the earlier version.
    """
    with told_as(format_):
        kind_of(kind, rules)
        wanted = Wanted(kind, because, author(by, rules), start=instant(start))
        append(wanted, rules, key, dry_run=dry_run)
