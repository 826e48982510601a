"""Evidence that recurs: other leads, but the same rules fire and the same facts are missing.

What follows from evidence alone, such as its bytes in the answer, is then worked out once for all
of them (`Evidence.once`). A rule set of which evidence hardly ever recurs stops keeping any.
"""

from collections.abc import Callable, Hashable, Sequence
from itertools import compress
from operator import itemgetter
from typing import Any, TypeAlias

from dealgate.engine.evidence import Judgement, absent_of
from dealgate.language.values import Value
from dealgate.model.decision import AnyEvidence, Explanation
from dealgate.model.rules import AnyRule

MOST_KEPT = 1024
FEW = 32  # elements that rules fire for

Gather: TypeAlias = Callable[
    [Sequence[Judgement], Sequence[Value], Sequence[Explanation]], AnyEvidence
]
# What evidence was made of is held, so that no other object has its identity meanwhile.
Kept: TypeAlias = tuple[AnyEvidence, Sequence[Judgement], Sequence[Value]]


class Recurring:
    """Gathers the evidence of one rule set, and keeps what it made."""

    def __init__(self, rules: Sequence[AnyRule], gather: Gather) -> None:
        """`gather` makes evidence of what `rules` came to."""
        self._gather = gather
        self._listed_ranks = [rank for rank, rule in enumerate(rules) if rule.each is not None]
        self._single_ranks = [rank for rank, rule in enumerate(rules) if rule.each is None]
        self._has_lists = bool(self._listed_ranks)
        self._listed = _picking(self._listed_ranks)
        self._single = _picking(self._single_ranks)
        self._kept: dict[Hashable, Kept] = {}
        self._times = 0
        self._is_worthwhile = True

    def gather(
        self,
        judgements: Sequence[Judgement],
        values: Sequence[Value],
        explained: Sequence[Explanation],
    ) -> AnyEvidence:
        """Return the evidence, as `gather` makes it."""
        if explained or not self._is_worthwhile:
            return self._gather(judgements, values, explained)
        absent = absent_of(values)
        # Unknowns have an identity of their own for each set of facts that is missing.
        missing = tuple(map(id, absent))
        # Most rules are false, and are left out by their ranks.
        single = self._single(judgements)
        held = compress(single, single)
        key: Hashable = tuple(compress(self._single_ranks, single)), tuple(map(id, held)), missing
        if self._has_lists:
            lists = self._listed(judgements)
            fired = [*compress(lists, lists)]
            try:
                is_long = sum(map(len, fired)) > FEW
            except TypeError:  # a list is not known
                is_long = True
            if is_long:
                return self._gather(judgements, values, explained)
            ranks = tuple(compress(self._listed_ranks, lists))
            key = key, ranks, tuple(map(tuple, fired))
        kept = self._kept.get(key)
        if kept is not None:
            self._times += 1
            return kept[0]
        evidence = self._gather(judgements, values, explained)
        if not evidence.failed:  # a failure is another one each time
            self._keep(key, (evidence, judgements, absent))
        return evidence

    def _keep(self, key: Hashable, made: Kept) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._is_worthwhile = self._times >= MOST_KEPT
            self._kept, self._times = {}, 0
        self._kept[key] = made


def _picking(ranks: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return what picks out the judgements of some ranks."""
    if len(ranks) > 1:
        return itemgetter(*ranks)
    return lambda judgements: tuple([judgements[rank] for rank in ranks])
