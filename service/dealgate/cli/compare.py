"""`dealgate compare`: two versions that decided side by side, by what became of it."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Literal

import typer

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.selection import named_version
from dealgate.cli.shown import give_up
from dealgate.foresight.arms.comparing import Arm, Comparison, Says, Terms, compared
from dealgate.foresight.assessing import Clock
from dealgate.foresight.bounds import bound_of
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.urls import reader
from dealgate.model.errors import DealgateError
from dealgate.model.instants import DAY
from dealgate.rulebook.instants import nanoseconds


def compare(  # noqa: PLR0913  # typer's way: an argument for each option
    champion: Annotated[str, typer.Argument(help="The current version: qualify@2.")],
    challenger: Annotated[str, typer.Argument(help="The version to compare with it: qualify@3.")],
    *,
    share: Annotated[
        float, typer.Option(min=0.001, max=0.999, help="The challenger's share of entities.")
    ],
    planned: Annotated[
        int,
        typer.Option(
            min=10, help="Expected number of entities until the comparison is conclusive."
        ),
    ] = 5000,
    matters: Annotated[
        float, typer.Option(min=0.0001, max=1, help="The smallest difference that matters: 0.01.")
    ] = 0.01,
    money_cap: Annotated[
        str | None,
        typer.Option(help='Compare money, each success up to this much: "EUR 50000".'),
    ] = None,
    window: Annotated[
        int, typer.Option(min=1, help="Days after a decision within which results count.")
    ] = 90,
    since: Annotated[
        str | None, typer.Option(help="Only entities assigned from this day on: 2026-01-31.")
    ] = None,
    journal: Annotated[
        str,
        typer.Option(help="The journal; a server may be writing to it.", envvar="DEALGATE_JOURNAL"),
    ] = "data/journal.db",
    tenant: Annotated[str, typer.Option(help="The tenant of the decisions.")] = "default",
    format_: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
) -> None:
    """Compare two versions that callers chose by name, by the results of their decisions.

    Share, planned number, what matters, window and cap are agreed before the start. May be looked
    at any time: the interval and p hold however often. Changes nothing, and activates nothing.
    """
    (kind, old), (other, new) = named_version(champion, None), named_version(challenger, None)
    if kind != other or old == new:
        give_up(f"{champion} and {challenger}: name two versions of one kind")
    cap, currency = _cap(money_cap)
    terms = Terms(share, planned, matters, cap, currency)
    try:
        records = reader(journal).of_tenant(tenant)([kind], _instant(since))
        found = compared(records, (old, new), terms, Clock(time.time_ns(), window * DAY))
    except (DealgateError, JournalUnusable) as error:
        give_up(str(error))
    if format_ == "json":
        told = asdict(found) | {"says": found.says.value}
        echo_json({"kind": kind, **told})
        return
    for line in _lines(kind, found, terms):
        echo(line)


def _cap(text: str | None) -> tuple[int | None, str]:
    if text is None:
        return None, ""
    bound = bound_of(text)
    if bound is None or not bound.currency or not bound.minor:
        give_up(f"--money-cap '{text}': write an amount, \"EUR 50000\"")
    return bound.minor, bound.currency


def _instant(since: str | None) -> int | None:
    found = None if since is None else nanoseconds(since, date_too=True)
    if since is not None and found is None:
        give_up(f"--since {since}: not a UTC timestamp; use the form 2026-01-31T12:00:00Z")
    return found


def _lines(kind: str, comparison: Comparison, terms: Terms) -> Iterator[str]:
    yield f"{kind}: {comparison.says.value}"
    for arm in comparison.arms:
        yield f"  @{arm.version}: {_counts(arm)}"
    if comparison.strayed:
        yield f"  {comparison.strayed:,} entities met both versions: they count for their first"
    if comparison.says is Says.WITHHELD:
        yield (
            f"  the sample ratio is not {1 - terms.share:g} to {terms.share:g} "
            f"(p {comparison.imbalance_p:.2g} at any time): find out why before looking further"
        )
    if comparison.effect is not None:
        unit = f" of {terms.currency} {terms.cap} (minor units)" if terms.cap else ""
        low, high = 100 * comparison.effect.low, 100 * comparison.effect.high
        yield f"  effect{unit}: {low:+.2f} to {high:+.2f} points, p {comparison.p:.3g} at any time"
    if comparison.still_needed:
        yield f"  about {comparison.still_needed:,} more entities are needed"


def _counts(arm: Arm) -> str:
    low, high = 100 * arm.rate.low, 100 * arm.rate.high
    return (
        f"{arm.assigned:,} entities, {arm.mature:,} over, {arm.successes:,} succeeded "
        f"({low:.1f} to {high:.1f} % at any time)"
    )
