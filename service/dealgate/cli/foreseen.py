"""The impact of a version that is about to be released, in one line; and what blocks it."""

import time
from collections.abc import Sequence
from pathlib import Path

from dealgate.assemble.impacts import impact_of, sampled, spec_of
from dealgate.assemble.scope_impacts import deciding
from dealgate.cli.echo import echo
from dealgate.cli.impacts import headline
from dealgate.cli.selection import read
from dealgate.cli.shown import give_up
from dealgate.foresight.assessing import Clock
from dealgate.foresight.bounds import Bound, exceeded
from dealgate.foresight.impact import Impact
from dealgate.foresight.reporting import AssessedVersions, document
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.urls import reader
from dealgate.model.errors import DealgateError, UnknownRuleSet
from dealgate.model.instants import DAY
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet

SINCE_DAYS, SAMPLE, WINDOW_DAYS = 90, 2_000, 90


def foresee(
    rules: Path,
    kind: str,
    version: int,
    journal: str | None,
    bounds: Sequence[Bound],
    *,
    required: bool,
) -> None:
    """Print the impact on a sample of the last days; leave if it is beyond bounds, or missing."""
    pair = _pair(rules, kind, version)
    if pair is None or journal is None:
        why = "there is no journal to assess it on" if pair else "nothing decides yet"
        _without(f"impact: not known, {why}; name one with --journal", required=required)
        return
    of, old, new = pair
    try:
        since = time.time_ns() - SINCE_DAYS * DAY
        impact = _impact(rules, old, new, journal, _tenant_of(new), since)
    except (DealgateError, JournalUnusable) as error:
        _without(f"impact: not known, {error}", required=required)
        return
    if not impact.decisions:
        words = f"impact: not known, no decision of the last {SINCE_DAYS} days"
        _without(words, required=required)
        return
    _tell(of, old, new, impact)
    over = [*exceeded(bounds, impact)]
    if over:
        give_up("\n".join([*over, "nothing was released"]), 1)


def _pair(rules: Path, kind: str, version: int) -> tuple[AnyKind, AnyRuleSet, AnyRuleSet] | None:
    """Return the kind, what decides now and the version; None if they are no two."""
    catalog = read(rules, kind)
    try:
        new = catalog.version(kind, version)
        old = deciding(catalog, new, time.time_ns())
    except UnknownRuleSet:
        return None
    return None if old.name == new.name else (catalog.kinds[new.kind], old, new)


def _tenant_of(ruleset: AnyRuleSet) -> str:
    """Return whose decisions tell what a version would have made of them."""
    return (ruleset.narrowing and ruleset.narrowing.tenant) or "default"


def show_impact(rules: Path, old: AnyRuleSet, version: int, journal: str, tenant: str) -> None:
    """Print the impact of a draft, just written, on a sample of all decisions."""
    try:
        catalog = read(rules, old.kind)
        new = catalog.version(old.shelf, version)
        impact = _impact(rules, old, new, journal, tenant, None)
        _tell(catalog.kinds[new.kind], old, new, impact)
    except (DealgateError, JournalUnusable) as error:
        echo(f"impact: not known, {error}", err=True)


def _tell(kind: AnyKind, old: AnyRuleSet, new: AnyRuleSet, impact: Impact) -> None:
    asked = AssessedVersions(kind, old, new, "default", None, SAMPLE, WINDOW_DAYS, None)
    echo(f"impact: {headline(document(asked, impact))}")


def _impact(
    rules: Path, old: AnyRuleSet, new: AnyRuleSet, journal: str, tenant: str, since: int | None
) -> Impact:
    records = reader(journal).of_tenant(tenant)([old.kind], since)
    clock = Clock(time.time_ns(), WINDOW_DAYS * DAY)
    spec = spec_of(rules, old, new, clock, tenant)
    return impact_of(spec, sampled(records, SAMPLE), jobs=1)


def _without(words: str, *, required: bool) -> None:
    echo(words, err=True)
    if required:
        give_up("--require-impact: nothing was released", 1)
