"""The health kind: how is this customer doing, what speaks for it, and what is to be done?

`ages` says how old everything is, `weighing` makes a score of what is known; a measure that nobody
knows is neither well nor badly, so its weight is shared among the others and the coverage says how
much is left. A rule may force a band, a person may set one for a time; the score stays beside it.
"""

from collections.abc import Iterator
from fractions import Fraction

from dealgate.kinds.health.ages import derive, today
from dealgate.kinds.health.stakes import PROOFS
from dealgate.kinds.health.terms import WORST, HealthEffect, HealthParameters
from dealgate.kinds.health.violations import holds, sound_violations, violations
from dealgate.kinds.health.weighing import DECIMALS, Weighed, weighed, weighed_briefly
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.business_time import workday_after
from dealgate.model.days import date_message, day_number
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.kind import Kind
from dealgate.model.parts import decimal_message, rounded
from dealgate.model.ratio import Ratio
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import health_pb2 as pb


def conclude(
    facts: pb.HealthFacts,
    ruleset: RuleSet[HealthEffect, HealthParameters],
    evidence: Evidence[HealthEffect],
    as_of: int,
) -> Conclusion:
    """Return the HealthOutcome; its word is green, yellow, red or unknown.

    Raises RulesFailed if a rule went wrong: a score without one of its measures is another score.
    """
    refuse_failed(ruleset, evidence)
    parameters = ruleset.parameters
    day = today(facts, parameters, as_of)
    onboarding = _is_onboarding(facts, parameters)
    conclusion = weighed(evidence, parameters, onboarding=onboarding)
    outcome = pb.HealthOutcome(
        coverage=decimal_message(conclusion.coverage),
        drivers=conclusion.drivers,
        signals=_signals(evidence),
        plays=_plays(facts, evidence, day),
        onboarding=onboarding,
        conversions=facts.conversions,
        band_by_score=_by_score(conclusion.score, parameters),
    )
    _add_score(outcome, conclusion, facts, parameters)
    outcome.churn_risk = _churn_risk(outcome, evidence)
    _settle_band(outcome, facts, evidence, day)
    word = words.of(pb.HealthBand, outcome.band)
    return Conclusion(outcome, word)


def brief(
    facts: pb.HealthFacts,
    ruleset: RuleSet[HealthEffect, HealthParameters],
    evidence: Evidence[HealthEffect],
    as_of: int,
) -> Brief:
    """Return the band and the score as `conclude` does."""
    refuse_failed(ruleset, evidence)
    parameters = ruleset.parameters
    onboarding = _is_onboarding(facts, parameters)
    score, known = weighed_briefly(evidence, parameters, onboarding=onboarding)
    numbers = {"coverage": known / 100}
    if score is not None:
        numbers["score"] = _said(score)
        if facts.HasField("earlier"):
            numbers["change"] = _said(score - Ratio(facts.earlier.score.value))
    band, forced = _by_score(score, parameters), _forced(evidence)
    if forced is not None:
        band = _band(forced.then.force or "")
    if holds(facts.override, today(facts, parameters, as_of)):
        band = facts.override.band
    return Brief(words.of(pb.HealthBand, band), numbers)


def _said(number: Fraction) -> float:
    return float(decimal_message(number, DECIMALS).value or 0)


def _is_onboarding(facts: pb.HealthFacts, parameters: HealthParameters) -> bool:
    days = facts.ages.customer_days
    return facts.ages.HasField("customer_days") and days < parameters.onboarding_days


def _by_score(score: Fraction | None, parameters: HealthParameters) -> pb.HealthBand.ValueType:
    if score is None:
        return pb.HEALTH_BAND_UNKNOWN
    if score >= parameters.bands.green:
        return pb.HEALTH_BAND_GREEN
    yellow = score >= parameters.bands.yellow
    return pb.HEALTH_BAND_YELLOW if yellow else pb.HEALTH_BAND_RED


def _add_score(
    outcome: pb.HealthOutcome, weighed: Weighed, facts: pb.HealthFacts, parameters: HealthParameters
) -> None:
    if weighed.score is None:
        return
    outcome.score.value = rounded(weighed.score, DECIMALS)
    if not facts.HasField("earlier"):
        return
    change = weighed.score - Ratio(facts.earlier.score.value)
    outcome.change.value = rounded(change, DECIMALS)
    outcome.trend = pb.HEALTH_TREND_FLAT
    if abs(change) >= parameters.trend_points:
        outcome.trend = pb.HEALTH_TREND_UP if change > 0 else pb.HEALTH_TREND_DOWN


def _settle_band(
    outcome: pb.HealthOutcome, facts: pb.HealthFacts, evidence: Evidence[HealthEffect], day: int
) -> None:
    """A person's band wins over a forced one, and that over the score's."""
    forced = _forced(evidence)
    outcome.band = outcome.band_by_score
    if forced is not None:
        outcome.band, outcome.forced_by_rule_id = _band(forced.then.force or ""), forced.id
    if holds(facts.override, day):
        outcome.band = facts.override.band
        outcome.overridden.CopyFrom(facts.override)


def _forced(evidence: Evidence[HealthEffect]) -> Rule[HealthEffect] | None:
    forcing = [fired.rule for fired in evidence.fired if fired.rule.then.force is not None]
    return min(forcing, key=lambda rule: WORST.index(rule.then.force), default=None)


def _band(name: str) -> pb.HealthBand.ValueType:
    return words.number_of(pb.HealthBand, name)


def _signals(evidence: Evidence[HealthEffect]) -> list[pb.ChurnSignal]:
    churn_signals = [
        pb.ChurnSignal(
            code=fired.rule.then.signal,
            severity=words.number_of(pb.ChurnRisk, fired.rule.then.severity),
            message=fired.rule.because,
            rule_id=fired.rule.id,
        )
        for fired in evidence.fired
        if fired.rule.then.signal is not None and fired.rule.then.severity is not None
    ]
    return sorted(churn_signals, key=lambda signal: -signal.severity)


def _churn_risk(
    outcome: pb.HealthOutcome, evidence: Evidence[HealthEffect]
) -> pb.ChurnRisk.ValueType:
    """Return the gravest sign; that no sign is known does not mean that there is none."""
    if outcome.signals:
        return outcome.signals[0].severity
    is_open = any(one.rule.then.signal is not None for one in evidence.undecided)
    is_known = outcome.HasField("score") and not is_open
    return pb.CHURN_RISK_LOW if is_known else pb.CHURN_RISK_UNKNOWN


def _plays(facts: pb.HealthFacts, evidence: Evidence[HealthEffect], day: int) -> list[pb.Play]:
    asked = [*_asked(facts, evidence, day)]
    return sorted(asked, key=lambda play: day_number(play.due_on))


def _asked(facts: pb.HealthFacts, evidence: Evidence[HealthEffect], day: int) -> Iterator[pb.Play]:
    for fired in evidence.fired:
        terms = fired.rule.then.play
        if terms is not None:
            mine = terms.owner == "success_manager"
            yield pb.Play(
                code=terms.code,
                action=terms.action,
                owner_role=terms.owner,
                owner_id=facts.customer.success_manager_id if mine else "",
                due_on=date_message(workday_after(day, terms.within_days)),
                rule_id=fired.rule.id,
            )


HEALTH = Kind(
    name="health",
    request=pb.AssessHealthRequest,
    response=pb.AssessHealthResponse,
    facts=pb.HealthFacts,
    effect=HealthEffect,
    parameters=HealthParameters,
    entity="customer/customer.id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    derive=derive,
    derive_reads=("currency", "stale_after", "time_zone"),
    brief=brief,
    proofs=PROOFS,
)
