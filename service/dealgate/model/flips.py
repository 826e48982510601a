"""A decision explained for callers: what decided it, what was missing, what would flip it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dealgate.model.decision import Explanation


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that is something else; values as cases write them, empty where there is none."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that comes out otherwise; `effect` says how: "fires", "no longer fires", …."""

    rule_id: str
    because: str
    effect: str


@dataclass(frozen=True, slots=True)
class Flip:
    """Changes that together lead to another `outcome`, in one word; none can be left out."""

    outcome: str
    changes: Sequence[FactChange]
    rules: Sequence[RuleChange]


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that was not known; `flips_to` are the outcomes that it alone could lead to."""

    path: str
    flips_to: Sequence[str]
    rule_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class ExplainedDecision:
    """`difference` says how the decision came out otherwise when it was taken again; empty: not.

    `flips` are the smallest first; `verdicts` counts what was tried, `bound` says what was not.
    `fixed` are the paths of known facts that no flip may change.
    """

    outcome: str
    difference: str
    deciding: Sequence[str]
    rules: Sequence[Explanation]
    missing: Sequence[MissingFact]
    flips: Sequence[Flip]
    verdicts: int
    bound: str
    fixed: Sequence[str] = ()
