"""`dealgate compare`: a champion and its challenger, by what became of those each decided."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.options import RULES, Rules
from dealgate.cli.selection import kind_of, named_version
from dealgate.cli.shown import give_up
from dealgate.foresight.arms.comparing import Comparison, Terms, compared, disagreeing, terms_of
from dealgate.foresight.arms.sentences import NOTHING, lines
from dealgate.foresight.arms.units import Experiment, by_versions, experiments
from dealgate.foresight.assessing import Clock
from dealgate.foresight.bounds import bound_of
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import Recorded
from dealgate.journal.urls import reader
from dealgate.model.errors import DealgateError, RecordDamaged
from dealgate.model.instants import DAY
from dealgate.rulebook.instants import nanoseconds


def compare(  # noqa: PLR0913  # typer's way: an argument for each option
    champion: Annotated[
        str,
        typer.Argument(help="A kind with a challenger in releases.yaml, or a version: qualify@2."),
    ],
    challenger: Annotated[
        str | None, typer.Argument(help="The version to compare it with: qualify@3.")
    ] = None,
    *,
    seed: Annotated[
        str, typer.Option(help="The experiment, by its seed in releases.yaml; default: the newest.")
    ] = "",
    share: Annotated[
        float | None,
        typer.Option(min=0.001, max=0.999, help="The challenger's share of named entities."),
    ] = None,
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
    rules: Rules = RULES,
    format_: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
) -> None:
    """Compare a champion and its challenger by the results of their decisions.

    `dealgate compare qualify` reads the arms that a challenger in releases.yaml left in the
    journal, on the terms set there. `dealgate compare qualify@2 qualify@3 --share 0.1` compares
    versions that callers chose by name, or those of a scope (qualify/emea@1 qualify/emea@2); the
    terms are those of the options.

    You may look at any time and as often as you like: the interval and p remain valid. Changes
    nothing, and activates nothing.
    """
    kind = champion.partition("@")[0]
    try:
        name = kind_of(kind, rules) or kind
        records = reader(journal).of_tenant(tenant)([name], _instant(since))
        if challenger is None:
            experiment, terms, days = _journalled(champion, records, seed)
        else:
            versions = _versions(champion, challenger, rules)
            if share is None:
                give_up("--share: name the share of entities that the second version was to get")
            cap, currency = _cap(money_cap)
            terms, days = Terms(share, planned, matters, cap, currency), window
            experiment = by_versions(records, versions, share, kind.partition("/")[2])
    except (DealgateError, JournalUnusable) as error:
        give_up(str(error))
    comparison = compared(experiment, terms, Clock(time.time_ns(), days * DAY))
    if format_ == "json":
        echo_json(_told(kind, experiment, comparison))
        return
    for line in _lines(kind, experiment, comparison, terms):
        echo(line)


def _journalled(
    kind: str, records: Iterable[Recorded | RecordDamaged], seed: str
) -> tuple[Experiment, Terms, int]:
    """Return the experiment, or leave if there is none."""
    if "@" in kind:
        give_up(f"{kind}: name two versions, or only the kind: dealgate compare qualify")
    known = experiments(records)
    if seed and seed not in known:
        give_up(f"--seed {seed}: not recorded for {kind}; there are: {', '.join(known) or 'none'}")
    if not known:
        give_up(f"{kind}: {NOTHING}; name a challenger in rules/{kind}/releases.yaml")
    experiment = known[seed or list(known)[-1]]
    if experiment.challenger is None:
        raise RuntimeError("an experiment that was recorded has a challenger")
    return experiment, terms_of(experiment.challenger), experiment.challenger.window_days


def _versions(champion: str, challenger: str, rules: Path) -> tuple[int, int]:
    named = [named_version(version, None, rules) for version in (champion, challenger)]
    (kind, old), (other, new) = named
    if kind != other or old == new:
        give_up(f"{champion} and {challenger}: name two versions of one kind")
    return old, new


def _told(kind: str, experiment: Experiment, comparison: Comparison) -> dict[str, object]:
    told = {"kind": kind, **asdict(comparison), "says": comparison.says.value}
    if experiment.challenger is None:
        return told
    return told | {
        "seed": experiment.challenger.seed,
        "refused": experiment.refused,
        "pairs": experiment.pairs.total(),
        "differing": disagreeing(experiment.pairs),
    }


def _lines(
    kind: str, experiment: Experiment, comparison: Comparison, terms: Terms
) -> Iterator[str]:
    tried = experiment.challenger
    yield from lines(f"{kind}, {tried.seed}" if tried else kind, experiment, comparison, terms)


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
