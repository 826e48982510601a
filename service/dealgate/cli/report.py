"""`dealgate report`: what became of decisions, as one page with plots."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from dealgate.assemble.stages import pipeline_stages
from dealgate.cli.echo import echo
from dealgate.cli.extras import need_plots
from dealgate.cli.instants import instant_of
from dealgate.cli.links import rule_url
from dealgate.cli.options import JOURNAL, RULES, Rules, SharedJournal, Tenant
from dealgate.cli.selection import read
from dealgate.cli.shown import give_up
from dealgate.insight.traffic import TooMuch
from dealgate.insight.violations import violations
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.locations import shown
from dealgate.journal.urls import reader
from dealgate.kinds import KINDS
from dealgate.model.errors import DealgateError
from dealgate.model.instants import timestamp
from dealgate.rulebook.catalog import Catalog
from dealgate.v1 import insight_pb2 as pb

Since = Annotated[str | None, typer.Option("--from", help="Start: 2026-01-31, or with a time.")]
Before = Annotated[str | None, typer.Option("--to", help="Only decisions before this instant.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Ignore results after this instant; default: now.")
]
Currency = Annotated[str, typer.Option(help="Currency of the amounts to count: EUR.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="The file.")]


def report(
    journal: SharedJournal = JOURNAL,
    tenant: Tenant = "default",
    since: Since = None,
    before: Before = None,
    as_of: AsOf = None,
    currency: Currency = "",
    output: Output = Path("report.html"),
    rules: Rules = RULES,
) -> None:
    """Render statistics over decisions and their results as one self-contained HTML page.

    Leads, stages, velocity, forecasts, quotas, rules and customers, from recorded decisions and
    results: plots, each with its table, formulas, and what could not be counted.
    """
    need_plots()
    window = _window(since, before, as_of)
    asked = pb.GetVelocityRequest(window=window, currency_code=currency)
    for wrong in violations(asked, ()):
        give_up(f"{_OPTIONS.get(wrong.field, wrong.field)}: {wrong.description}")
    now = time.time_ns()
    catalog = read(rules)
    stages, links = pipeline_stages(catalog, now), _links(catalog)
    try:
        text = _page(journal, tenant, window, currency, stages, links)
        output.write_text(text(now), encoding="utf-8")
    except (JournalUnusable, DealgateError, TooMuch, OSError) as error:
        give_up(str(error))
    echo(f"{output}: written")


def _page(
    journal: str,
    tenant: str,
    window: pb.InsightWindow,
    currency: str,
    stages: Sequence[str],
    links: Mapping[tuple[str, str], str],
) -> Callable[[int], str]:
    # Imported here alone: an extra.
    from dealgate.insight.report.page import ReportScope, page  # noqa: PLC0415

    asked = ReportScope(shown(journal), tenant, window, stages, tuple(KINDS), currency, links)
    recorded = reader(journal).of_tenant(tenant)
    return lambda now: page(asked, recorded, now)


def _links(catalog: Catalog) -> Mapping[tuple[str, str], str]:
    """Return where each rule's line can be read, in the newest version that has it."""
    linked = {
        (ruleset.kind, rule.id): rule_url(rule.location)
        for ruleset in catalog.all()
        for rule in ruleset.rules
    }
    return {rule: url for rule, url in linked.items() if url}


_OPTIONS = {"window.before": "--to", "currency_code": "--currency"}


def _window(since: str | None, before: str | None, as_of: str | None) -> pb.InsightWindow:
    window = pb.InsightWindow()
    given = {"--from": (since, window.since), "--to": (before, window.before)}
    for option, (text, field) in {**given, "--as-of": (as_of, window.as_of)}.items():
        if text is None:
            continue
        field.CopyFrom(timestamp(instant_of(option, text)))
    return window
