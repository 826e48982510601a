"""`dealgate compare`: a champion and its challenger, by the results of their decisions."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.instants import instant_of
from dealgate.cli.options import JOURNAL, RULES, Rules, SharedJournal, Tenant, Window
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

Champion = Annotated[
    str,
    typer.Argument(help="A kind with a challenger in releases.yaml, or a version: qualify@2."),
]
Challenger = Annotated[
    str | None, typer.Argument(help="The version to compare it with: qualify@3.")
]
Seed = Annotated[
    str, typer.Option(help="The experiment, by its seed in releases.yaml; default: the newest.")
]
Share = Annotated[
    float | None,
    typer.Option(min=0.001, max=0.999, help="The challenger's share of named entities."),
]
Planned = Annotated[
    int,
    typer.Option(min=10, help="Expected number of entities until the comparison is conclusive."),
]
Matters = Annotated[
    float, typer.Option(min=0.0001, max=1, help="The smallest difference that matters: 0.01.")
]
MoneyCap = Annotated[
    str | None,
    typer.Option(help='Compare money, each success up to this much: "EUR 50000".'),
]
Since = Annotated[
    str | None, typer.Option(help="Only entities assigned from this day on: 2026-01-31.")
]
Format = Annotated[Literal["text", "json"], typer.Option("--format")]


def compare(  # noqa: PLR0913  # typer's way: an argument for each option
    champion: Champion,
    challenger: Challenger = None,
    *,
    seed: Seed = "",
    share: Share = None,
    planned: Planned = 5000,
    matters: Matters = 0.01,
    money_cap: MoneyCap = None,
    window: Window = 90,
    since: Since = None,
    journal: SharedJournal = JOURNAL,
    tenant: Tenant = "default",
    rules: Rules = RULES,
    format_: Format = "text",
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
    from_ = None if since is None else instant_of("--since", since)
    try:
        name = kind_of(kind, rules) or kind
        records = reader(journal).of_tenant(tenant)([name], from_)
        if challenger is None:
            experiment, terms, days = _journalled(champion, records, seed)
        else:
            versions = _versions(champion, challenger, rules)
            terms, days = _terms(share, planned, matters, money_cap), window
            experiment = by_versions(records, versions, terms.share, kind.partition("/")[2])
    except (DealgateError, JournalUnusable) as error:
        give_up(str(error))
    comparison = compared(experiment, terms, Clock(time.time_ns(), days * DAY))
    if format_ == "json":
        echo_json(_told(kind, experiment, comparison))
    else:
        echo("\n".join(_lines(kind, experiment, comparison, terms)))


def _journalled(
    kind: str, records: Iterable[Recorded | RecordDamaged], seed: str
) -> tuple[Experiment, Terms, int]:
    """Return the experiment; exit if there is none."""
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


def _terms(share: float | None, planned: int, matters: float, money_cap: str | None) -> Terms:
    """Return the terms that options set, or leave."""
    if share is None:
        give_up("--share: name the share of entities that the second version was to get")
    cap, currency = _cap(money_cap)
    return Terms(share, planned, matters, cap, currency)


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
