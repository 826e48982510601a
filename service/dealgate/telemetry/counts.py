"""What is counted of decisions besides their duration: rules and tenants, within bounds."""

import threading
from collections.abc import Iterable
from typing import TypeAlias

from dealgate.model.decision import Decision, Question
from dealgate.model.rules import AnyRuleSet, shelf_of
from dealgate.telemetry import names
from dealgate.telemetry.described import LIVE
from dealgate.telemetry.instruments import Counter, Labels, Meter
from dealgate.telemetry.limits import TENANTS

# A kind, its version, and the rules that fired.
Hits: TypeAlias = tuple[str, int, tuple[str, ...]]
KEPT = 1024
RULES = 64  # of a rule set that begin at 0: a table has thousands of rows


class RuleHits:
    """Counts which rules fire.

    Many decisions fire the same rules, so those are counted together, and separated when the counts
    are read or when there are too many kinds of them.
    """

    def __init__(self) -> None:
        self._together: dict[Hits, int] = {}
        self._apart = Counter()
        self._lock = threading.Lock()

    def begin(self, kind: str, version: int, rules: Iterable[str]) -> None:
        """Count 0 for rules that may fire."""
        with self._lock:
            for rule in rules:
                self._apart.add(0, (kind, version, rule))

    def add(self, hits: Hits, many: int = 1) -> None:
        """Count the rules that fired in a decision, or in so many that are alike."""
        together = self._together
        if hits in together:
            together[hits] += many
            return
        if len(together) >= KEPT:
            with self._lock:
                _count(self._apart, together)
                together.clear()
        together[hits] = many

    def read(self) -> Iterable[tuple[float, Labels | None]]:
        """Return how often each rule fired; None: those beyond the limit. From any thread."""
        read = Counter()
        with self._lock:
            read.cells = dict(self._apart.cells)
            _count(read, dict(self._together))
        return [(value, labels) for labels, value in read.cells.items()]


def _count(counter: Counter, together: dict[Hits, int]) -> None:
    for (kind, version, fired), many in together.items():
        for rule in fired:
            counter.add(many, (kind, version, rule))


class Counts:
    """Counts decisions; only live ones count for rules."""

    def __init__(self, meter: Meter) -> None:
        self._hits = meter.own(names.RULE_HITS, RuleHits)
        self._undecided = meter.counter(names.RULE_UNDECIDED)
        self._failed = meter.counter(names.RULE_FAILED)
        self._tenants = meter.counter(names.TENANT_DECISIONS, TENANTS)

    def begin(self, ruleset: AnyRuleSet) -> None:
        """Count 0 for what may happen: an increase is seen only from a value there was before."""
        kind, version = ruleset.shelf, ruleset.version
        rules = [rule.id for rule in ruleset.rules][:RULES]
        self._hits.begin(kind, version, rules)
        self._undecided.add(0, (kind, version))
        for rule in rules:
            self._failed.add(0, (kind, version, rule))

    def count(
        self, question: Question, outcome: Decision | BaseException, mode: str, many: int
    ) -> None:
        """Count one, or so many that are alike."""
        self._tenants.add(many, (question.tenant,))
        if not isinstance(outcome, Decision) or mode != LIVE:
            return
        kind, version = shelf_of(outcome.kind, outcome.scope), outcome.version
        if outcome.fired:
            self._hits.add((kind, version, outcome.fired), many)
        evidence = outcome.evidence
        if evidence is None:
            return
        if evidence.undecided:
            self._undecided.add(many * len(evidence.undecided), (kind, version))
        for entry in evidence.failed:
            self._failed.add(many, (kind, version, entry.rule.id))


def begin(meter: Meter, rulesets: Iterable[AnyRuleSet]) -> None:
    """Begin the counters of what may decide, whatever counts it then."""
    if meter.is_on:
        counts = Counts(meter)
        for ruleset in rulesets:
            counts.begin(ruleset)
