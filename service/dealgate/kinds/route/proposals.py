"""What rules propose: where a lead goes, and what is the same of it in every question."""

from dataclasses import dataclass
from typing import TypeAlias

from dealgate.kinds.route import answers
from dealgate.kinds.route.terms import RouteEffect, RouteParameters
from dealgate.model import words
from dealgate.model.decision import Evidence
from dealgate.model.quick import quick
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import route_pb2 as pb

ORDER = ("named_account", "same_account", "team", "territory", "round_robin")

Rank: TypeAlias = tuple[int, str, int, int]
Result: TypeAlias = pb.RouteAttemptResult.ValueType


@quick
@dataclass(frozen=True, slots=True)
class Proposed:
    """What a rule claims; its `head` is what its attempts begin with.

    Proposals are tried by `rank`: by step, then as they stand in the file. None: it claims no step.
    """

    effect: RouteEffect
    rank: Rank | None
    step: pb.RouteStep.ValueType
    head: bytes
    demand: bytes

    @classmethod
    def of(cls, rule: Rule[RouteEffect]) -> "Proposed":
        """Work out what is the same in every question."""
        effect, index = rule.then, rule.location
        step = effect.step
        rank = None
        if step is not None:
            rank = ORDER.index(step), index.file, index.line, index.column
        number = words.number_of(pb.RouteStep, step or "unspecified")
        return cls(
            effect,
            rank,
            number,
            answers.head(rule.id, effect.code, number),
            answers.demand(effect.code, effect.skill) if effect.skill else b"",
        )


# They sort by rank; then come what a rule proposes, whether it could be judged, and what it lacks.
Proposal: TypeAlias = tuple[Rank, int, Proposed, Result, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What evidence proposes, in the order in which it is tried, and what skills it demands."""

    proposals: list[Proposal]
    demands: bytes
    skills: frozenset[str]


class Proposals:
    """What the rules of a rule set propose, by identity: the rule set holds them."""

    def __init__(self, ruleset: RuleSet[RouteEffect, RouteParameters]) -> None:
        """Work them out."""
        self._by_rule = {id(rule): Proposed.of(rule) for rule in ruleset.rules}
        # The same object each time, which evidence keeps a plan by.
        self.plan = self._plan

    def _plan(self, evidence: Evidence[RouteEffect]) -> Plan:
        demands = [proposed for hit in evidence.fired if (proposed := self._by(hit.rule)).demand]
        return Plan(
            self._ranked(evidence),
            b"".join(proposed.demand for proposed in demands),
            frozenset(proposed.effect.skill or "" for proposed in demands),
        )

    def _by(self, rule: Rule[RouteEffect]) -> Proposed:
        """Return what a rule proposes; what a table collects is a rule of its own each time."""
        return self._by_rule.get(id(rule)) or Proposed.of(rule)

    def _ranked(self, evidence: Evidence[RouteEffect]) -> list[Proposal]:
        claims: list[tuple[Rule[RouteEffect], Result, tuple[str, ...]]]
        claims = [(hit.rule, pb.ROUTE_ATTEMPT_RESULT_NOT_NEEDED, ()) for hit in evidence.fired]
        claims += [
            (open_.rule, pb.ROUTE_ATTEMPT_RESULT_UNDECIDED, open_.missing)
            for open_ in evidence.undecided
        ]
        claims += [(one.rule, pb.ROUTE_ATTEMPT_RESULT_FAILED, ()) for one in evidence.failed]
        return sorted(
            [
                (proposed.rank, order, proposed, result, missing)
                for order, (rule, result, missing) in enumerate(claims)
                if (proposed := self._by(rule)).rank is not None
            ]
        )
