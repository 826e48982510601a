"""Scores that no lead can reach, whatever its facts: the arithmetic of caps and exclusions."""

from collections.abc import Iterator
from decimal import Decimal

from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.model.codes import Code, Severity
from dealgate.model.rules import Rule
from dealgate.proof.findings import Finding, Unknown
from dealgate.proof.formulas import And
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.regions import Region
from dealgate.proof.rules import joined

FULL = Decimal(100)


def score_findings(prover: Prover, unknown: list[Unknown]) -> Iterator[Finding]:
    """Yield the numbers of a score rule set that are out of reach."""
    if not isinstance(prover.ruleset.parameters, ScoreParameters):
        return
    try:
        yield from _Scores(prover, prover.ruleset.parameters).findings()
    except Unproved as error:
        place = prover.ruleset.place
        unknown.append(Unknown(place, "the score", error.reason, error.detail))


class _Scores:
    """What the rules that can fire add up to at most."""

    def __init__(self, prover: Prover, parameters: ScoreParameters) -> None:
        self._prover = prover
        self._parameters = parameters
        self._rules: list[Rule[ScoreEffect]] = [
            rule for rule in prover.ruleset.rules if rule.then.points > 0 and self._can_fire(rule)
        ]

    def _can_fire(self, rule: Rule[ScoreEffect]) -> bool:
        rows = self._prover.rows(self._prover.rules[rule.id], Region.TRUE)
        return self._prover.point(rows, []) is not None

    def findings(self) -> Iterator[Finding]:
        """Yield them all."""
        yield from self._fit()
        most = self._engagement()
        for number, least in enumerate(self._parameters.engagement_numbers, 1):
            if least > most:
                message = f"is never reached: it takes {least}, and engagement is at most {most}"
                yield self._finding(f"engagement {number}", message)
        weights = self._parameters.weights
        composite = (weights.fit * FULL + weights.engagement * most) / FULL
        if composite < self._parameters.threshold:
            threshold = self._parameters.threshold
            message = f"is never reached: it is {threshold}, and the composite at most {composite}"
            yield self._finding("threshold", message, Code.THRESHOLD_UNATTAINABLE, Severity.FAULT)

    def _engagement(self) -> Decimal:
        """Return the most that engagement can be: what a cap or the number of rules allows."""
        most = Decimal(0)
        names = {rule.then.category for rule in self._rules if rule.then.axis == "engagement"}
        for name in names:
            mine = [
                rule
                for rule in self._rules
                if rule.then.axis == "engagement" and rule.then.category == name
            ]
            cap = getattr(self._parameters.categories, name).cap if name else FULL
            many = any(rule.each is not None for rule in mine)
            most += cap if many else min(cap, sum((r.then.points for r in mine), Decimal(0)))
        return min(most, FULL)

    def _fit(self) -> Iterator[Finding]:
        """Fit is measured by a lead that is best in every dimension: there should be one."""
        best: dict[str, Rule[ScoreEffect]] = {}
        for rule in self._rules:
            name = rule.then.dimension
            if name is not None and (name not in best or rule.then.points > best[name].then.points):
                best[name] = rule
        # Of rules that are equally good another may do; then nothing is said.
        ties = [
            rule
            for rule in self._rules
            if (top := best.get(rule.then.dimension or "")) is not None
            and rule is not top
            and rule.then.points == top.then.points
        ]
        formulas = [self._prover.rules[rule.id] for rule in best.values()]
        if ties or len(formulas) < len(("one", "other")):
            return
        if self._prover.point(self._prover.rows(And(tuple(formulas)), Region.TRUE), []) is None:
            names = joined([rule.id for rule in best.values()])
            message = f"never reaches 100: {names} are the best, and exclude each other"
            yield self._finding("fit", message)

    def _finding(
        self,
        subject: str,
        message: str,
        code: Code = Code.SCORE_UNATTAINABLE,
        severity: Severity = Severity.WARNING,
    ) -> Finding:
        place = self._prover.ruleset.place
        return Finding(place, subject, code, severity, message, "correct the numbers")
