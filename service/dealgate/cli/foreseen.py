"""The impact of a version that is about to be released, in one line; and what holds it back."""

import time
from collections.abc import Sequence
from pathlib import Path

from dealgate.assemble.impacts import Spec, impact_of, sampled
from dealgate.cli.echo import echo
from dealgate.cli.impacts import headline
from dealgate.cli.selection import read
from dealgate.cli.shown import give_up
from dealgate.foresight.assessing import Clock
from dealgate.foresight.bounds import Bound
from dealgate.foresight.impact import Impact
from dealgate.foresight.reporting import Asked, document
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.urls import reader
from dealgate.kinds import KINDS
from dealgate.model.errors import DealgateError, UnknownRuleSet
from dealgate.model.instants import DAY
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
    old, new = pair
    try:
        since = time.time_ns() - SINCE_DAYS * DAY
        impact = _impact(rules, old, new, journal, "default", since)
    except (DealgateError, JournalUnusable) as error:
        _without(f"impact: not known, {error}", required=required)
        return
    if not impact.decisions:
        words = f"impact: not known, no decision of the last {SINCE_DAYS} days"
        _without(words, required=required)
        return
    _tell(old, new, impact)
    over = [words for bound in bounds for words in bound.exceeded(impact)]
    if over:
        give_up("\n".join([*over, "nothing was released"]), 1)


def _pair(rules: Path, kind: str, version: int) -> tuple[AnyRuleSet, AnyRuleSet] | None:
    """Return what decides now and the version; None if they are no two."""
    catalog = read(rules, kind)
    try:
        old, new = catalog.at(kind, time.time_ns()), catalog.version(kind, version)
    except UnknownRuleSet:
        return None
    return None if old.version == new.version else (old, new)


def show_impact(rules: Path, old: AnyRuleSet, version: int, journal: str, tenant: str) -> None:
    """Print the impact of a draft, just written, on a sample of all decisions."""
    try:
        new = read(rules, old.kind).version(old.kind, version)
        _tell(old, new, _impact(rules, old, new, journal, tenant, None))
    except (DealgateError, JournalUnusable) as error:
        echo(f"impact: not known, {error}", err=True)


def _tell(old: AnyRuleSet, new: AnyRuleSet, impact: Impact) -> None:
    asked = Asked(KINDS[old.kind], old, new, "default", None, SAMPLE, WINDOW_DAYS, None)
    echo(f"impact: {headline(document(asked, impact))}")


def _impact(
    rules: Path, old: AnyRuleSet, new: AnyRuleSet, journal: str, tenant: str, since: int | None
) -> Impact:
    records = reader(journal).of_tenant(tenant)([old.kind], since)
    clock = Clock(time.time_ns(), WINDOW_DAYS * DAY)
    spec = Spec(str(rules), old.kind, old.version, new.version, clock)
    return impact_of(spec, sampled(records, SAMPLE), jobs=1)


def _without(words: str, *, required: bool) -> None:
    echo(words, err=True)
    if required:
        give_up("--require-impact: nothing was released", 1)
