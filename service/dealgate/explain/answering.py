"""Explanations for callers of a running server."""

from collections import Counter
from collections.abc import Callable, Iterator

from dealgate.aside.queues import WorkQueue
from dealgate.engine.native import NativeEngine
from dealgate.explain import flip_results
from dealgate.explain.candidates import Candidate
from dealgate.explain.explaining import explain
from dealgate.explain.redeciding import redecide
from dealgate.explain.rule_changes import causes
from dealgate.explain.wording import written_field
from dealgate.model.decision import Decision
from dealgate.model.flips import ExplainedDecision, FactChange, Flip, MissingFact
from dealgate.rulebook.catalog import Catalog

# Enough for most; a caller who wants all of them has the command line.
BOUNDS = flip_results.Bounds(tries=10_000, seconds=2.0, gentle=True)


class Explainer:
    """Explains recorded decisions by the rules of the catalog in use."""

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        queue: WorkQueue,
        bounds: flip_results.Bounds = BOUNDS,
    ) -> None:
        """`catalog` returns the one in use, which is asked for once an explanation.

        It has an engine of its own: rule sets are compiled when first explained.
        """
        self._catalog = catalog
        self._bounds = bounds
        self._engine = NativeEngine()
        self._queue = queue

    async def explain(self, decision: Decision, flips_per_outcome: int) -> ExplainedDecision:
        """Return the explanation; raises UnknownRuleSet, and Overloaded if too many wait."""
        return await self._queue.run(self._explained, decision, flips_per_outcome)

    def _explained(self, decision: Decision, most: int) -> ExplainedDecision:
        catalog = self._catalog()
        self._engine.keep(catalog.all())
        again = redecide(decision, catalog.kinds, catalog, self._engine)
        judge = again.judge
        explained_decision = explain(judge, again.facts, again.verdict, self._bounds)
        rules = judge.program.explain(again.facts, judge.as_of)
        return ExplainedDecision(
            outcome=again.verdict.word,
            difference=again.difference,
            deciding=explained_decision.deciding_ids,
            rules=rules,
            missing=[
                MissingFact(fact.path, fact.flips_to, fact.rules)
                for fact in explained_decision.missing
            ],
            flips=[
                Flip(
                    flip.verdict.word,
                    [_change(change) for change in flip.changes],
                    causes(again.verdict.evidence, flip.verdict.evidence),
                )
                for flip in _first(explained_decision.found, most)
            ],
            verdicts=explained_decision.found.tries,
            bound=explained_decision.found.bound,
            fixed=explained_decision.found.fixed,
        )


def _first(result: flip_results.Flips, most: int) -> Iterator[flip_results.Flip]:
    """Yield a bounded number of flips to each outcome, and last the one that fixes all."""
    seen: Counter[str] = Counter()
    for flip in result.flips:
        seen[flip.verdict.word] += 1
        if seen[flip.verdict.word] <= most:
            yield flip
    if result.mended is not None:
        yield result.mended


def _change(change: Candidate) -> FactChange:
    field = change.spot.fact.field
    before, after = written_field(field, change.before), written_field(field, change.after)
    return FactChange(change.spot.path, before, after)
