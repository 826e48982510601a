"""`dealgate release`: a line in releases.yaml, if all holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.bounded import read_bound
from dealgate.cli.options import (
    RULES,
    Because,
    By,
    DryRun,
    From,
    KeyFile,
    Number,
    Rules,
    TellFaults,
    Version,
)
from dealgate.cli.releasing import append, author, instant
from dealgate.cli.selection import named_version
from dealgate.cli.shown import give_up, told_as
from dealgate.model.changes import Wanted

FromNow = Annotated[bool, typer.Option("--now", help="Only decisions from this instant on.")]
Retroactive = Annotated[bool, typer.Option("--retroactive", help="Allow a --from that has passed.")]
JournalOfImpact = Annotated[
    str | None,
    typer.Option(
        help="First show the impact on the newest decisions of this journal.",
        envvar="DEALGATE_JOURNAL",
    ),
]
RequireImpact = Annotated[
    bool, typer.Option("--require-impact", help="Do not release if the impact is unknown.")
]
FailOver = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-over", help="Do not release if the impact exceeds 2%, or EUR 50000; repeatable."
    ),
]


def release(  # noqa: PLR0913  # typer's way: an argument each
    version: Version,
    because: Because,
    number: Number = None,
    start: From = None,
    by: By = None,
    key: KeyFile = None,
    *,
    now: FromNow = False,
    retroactive: Retroactive = False,
    journal: JournalOfImpact = None,
    require_impact: RequireImpact = False,
    fail_over: FailOver = None,
    dry_run: DryRun = False,
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Release a version, which takes effect at --from.

    One line is appended to releases.yaml, after every file has been checked, the version's cases
    have passed, and earlier releases have been verified as unchanged. A server that watches this
    folder picks it up by itself.
    """
    if (start is None) != now:
        give_up("say when it takes effect: either --from 2026-12-01 or --now")
    with told_as(format_):
        kind, chosen = named_version(version, number, rules)
        wanted = Wanted(kind, because, author(by, rules), chosen, instant(start), retroactive)
        if journal is not None or require_impact or fail_over:
            _foresee(wanted, chosen, rules, journal, fail_over or (), required=require_impact)
        append(wanted, rules, key, dry_run=dry_run)


def _foresee(  # an argument for each option
    wanted: Wanted,
    version: int,
    rules: Path,
    journal: str | None,
    fail_over: Sequence[str],
    *,
    required: bool,
) -> None:
    """Show what the version would have made of recorded decisions."""
    # Imported here: most releases ask for no impact.
    from dealgate.cli.foreseen import foresee  # noqa: PLC0415

    bounds = list(map(read_bound, fail_over))
    required = required or bool(bounds)
    foresee(rules, wanted.kind, version, journal, bounds, required=required)
