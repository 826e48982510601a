"""Scores that no lead can reach, whatever its facts: the arithmetic of caps and exclusions."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.model.codes import Code, Severity
from dealgate.model.proofs import Arithmetic, KindProofs, Oracle, Stake, Unreached
from dealgate.model.rules import Rule, RuleSet
from dealgate.model.sentences import joined

FULL = Decimal(100)
CURE = "correct the numbers"
Rules = Sequence[Rule[ScoreEffect]]


def unreached(
    ruleset: RuleSet[ScoreEffect, ScoreParameters], oracle: Oracle
) -> Iterator[Unreached]:
    """Yield the numbers of a score rule set that are out of reach."""
    rules = [r for r in ruleset.rules if r.then.points > 0 and oracle.can_fire([r])]
    parameters = ruleset.parameters
    yield from _fit(_best(rules), rules, oracle)
    most = _engagement(rules, parameters)
    for number, least in enumerate(parameters.engagement_numbers, 1):
        if least > most:
            message = f"is never reached: it takes {least}, and engagement is at most {most}"
            yield Unreached(f"engagement {number}", message, Code.SCORE_UNATTAINABLE, hint=CURE)
    weights, threshold = parameters.weights, parameters.threshold
    composite = (weights.fit * FULL + weights.engagement * most) / FULL
    if composite < threshold:
        message = f"is never reached: it is {threshold}, and the composite at most {composite}"
        code, severity = Code.THRESHOLD_UNATTAINABLE, Severity.FAULT
        yield Unreached("threshold", message, code, severity, CURE)


def _engagement(rules: Rules, parameters: ScoreParameters) -> Decimal:
    """Return the most that engagement can be: what a cap or the number of rules allows."""
    most = Decimal(0)
    engaging = [rule for rule in rules if rule.then.axis == "engagement"]
    for name in {rule.then.category for rule in engaging}:
        mine = [rule for rule in engaging if rule.then.category == name]
        cap = getattr(parameters.categories, name).cap if name else FULL
        many = any(rule.each is not None for rule in mine)
        most += cap if many else min(cap, sum((r.then.points for r in mine), Decimal(0)))
    return min(most, FULL)


def _best(rules: Rules) -> Mapping[str, Rule[ScoreEffect]]:
    """Return the best rule of each dimension of fit."""
    best: dict[str, Rule[ScoreEffect]] = {}
    for rule in rules:
        name = rule.then.dimension
        if name is not None and (name not in best or rule.then.points > best[name].then.points):
            best[name] = rule
    return best


def _fit(
    best: Mapping[str, Rule[ScoreEffect]], rules: Rules, oracle: Oracle
) -> Iterator[Unreached]:
    """Fit is measured by a lead that is best in every dimension: there should be one."""
    # Of rules that are equally good another may do; then nothing is said.
    ties = [
        rule
        for rule in rules
        if (top := best.get(rule.then.dimension or "")) is not None
        and rule is not top
        and rule.then.points == top.then.points
    ]
    if ties or len(best) < len(("one", "other")):
        return
    if not oracle.can_fire([*best.values()]):
        names = joined([rule.id for rule in best.values()])
        message = f"never reaches 100: {names} are the best, and exclude each other"
        yield Unreached("fit", message, Code.SCORE_UNATTAINABLE, hint=CURE)


def stakes(effect: ScoreEffect, parameters: ScoreParameters) -> Sequence[Stake]:
    """Return the dimension of fit, of which each score takes the best rule."""
    if effect.dimension is None or effect.odds_points is not None:
        return []
    names = [None, *parameters.scores] if effect.score is None else [effect.score]
    return [Stake((effect.dimension, name), -effect.points) for name in names]


def adds(effect: ScoreEffect) -> bool:
    """Tell whether two such claims are more than one: points add up but in a dimension of fit."""
    return effect.dimension is None or effect.odds_points is not None


PROOFS = KindProofs(Arithmetic("the score", unreached), stakes=stakes, adds=adds)
