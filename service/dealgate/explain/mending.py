"""What it would take where two changes are not enough: all that decided, mended one by one.

A gate that blocks for nine reasons needs nine changes. They are found by what each does alone: it
leaves less that the outcome rests on. The set is as small as its parts allow, not the smallest
there is: that would take trying every set of nine.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import inf

from google.protobuf.message import Message

from dealgate.explain.candidates import Candidate
from dealgate.explain.fact_positions import changed
from dealgate.explain.probes import Probes
from dealgate.explain.verdicts import WhatIfJudge, WhatIfVerdict

# Up to this many changes, every subset is tried, to be sure that none is enough.
ALL_PARTS = 8
# So many changes are asked what they help; each answer takes a fold for each deciding rule.
ASKED = 150
Changes = tuple[Candidate, ...]


class Mending:
    """Mends what a verdict rests on."""

    def __init__(
        self,
        judge: WhatIfJudge,
        probes: Probes,
        facts: Message,
        base: WhatIfVerdict,
        is_late: Callable[[], bool],
    ) -> None:
        """`facts` are not changed; once `is_late`, what was found until then has to do."""
        self._judge = judge
        self._is_late = is_late
        self.tries = 0
        self._probes = probes
        self._facts = facts
        self._base = base
        self.rests_on = judge.decided(facts, base)

    def flip(self, quiet: Sequence[Candidate]) -> tuple[Changes, WhatIfVerdict] | None:
        """Return three changes or more, none to spare, that lead to another outcome.

        `quiet` are the changes that alone leave the outcome as it is.
        """
        chosen = self._together(self._helpful(quiet))
        if len(chosen) < 3:
            return None
        smaller = self._smallest_part(self._needed(chosen))
        verdict = self._after(smaller)
        return None if verdict is None or len(smaller) < 3 else (smaller, verdict)

    def _helpful(self, quiet: Sequence[Candidate]) -> list[Candidate]:
        """Return, of each fact that matters, the change that helps most; small helps first.

        What helps much at once goes round the reasons (another stage) instead of mending them.
        """
        ids = [fact.rule.id for fact in self.rests_on]
        paths = {path for id_ in ids for path in self._probes.rules.get(id_, ())}
        best: dict[str, tuple[float, Candidate]] = {}
        asked = [
            change
            for change in quiet
            if change.spot.fact.path in paths and change.after is not None
        ]
        for change in asked[:ASKED]:
            if self._is_late():
                break
            rank = (self._left((change,)), change.step)
            known = best.get(change.spot.path)
            if rank[0] < len(self.rests_on) and (known is None or rank < _rank(known)):
                best[change.spot.path] = rank[0], change
        return [flip for _, flip in sorted(best.values(), key=lambda b: (-b[0], b[1].step))]

    def _left(self, changes: Changes) -> float:
        """Return how much the outcome still rests on after some changes."""
        facts = self._changed(changes)
        verdict = self._judged(facts)
        return inf if verdict is None else len(self._judge.decided(facts, verdict))

    def _together(self, helpful: Sequence[Candidate]) -> Changes:
        """Return changes, one after the other, until the outcome is another; none: it never is."""
        chosen: Changes = ()
        left: float = len(self.rests_on)
        for change in helpful:
            if any(change.spot.within(o.spot) or o.spot.within(change.spot) for o in chosen):
                continue
            if self._flips((*chosen, change)):
                return (*chosen, change)
            now = self._left((*chosen, change))
            if now < left:
                chosen, left = (*chosen, change), now
        return ()

    def _needed(self, chosen: Changes) -> Changes:
        for dropped in sorted(chosen, key=lambda change: -change.step):
            rest = tuple(other for other in chosen if other is not dropped)
            if self._flips(rest):
                chosen = rest
        return chosen

    def _smallest_part(self, chosen: Changes) -> Changes:
        """Return a smallest part that is enough, if all parts can be tried."""
        if len(chosen) > ALL_PARTS:
            return chosen
        parts = (part for size in range(1, len(chosen)) for part in combinations(chosen, size))
        return next((part for part in parts if self._flips(part)), chosen)

    def _flips(self, changes: Changes) -> bool:
        verdict = self._after(changes)
        return verdict is not None and verdict.word != self._base.word

    def _after(self, changes: Changes) -> WhatIfVerdict | None:
        return self._judged(self._changed(changes))

    def _judged(self, facts: Message) -> WhatIfVerdict | None:
        self.tries += 1
        return self._judge.judge(facts)

    def _changed(self, changes: Changes) -> Message:
        return changed(self._facts, [(change.spot, change.after) for change in changes])


def _rank(known: tuple[float, Candidate]) -> tuple[float, float]:
    return known[0], known[1].step
