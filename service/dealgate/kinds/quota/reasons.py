"""What rules say about a quota, and the formulas behind the numbers, in words."""

from collections.abc import Iterator

from dealgate.kinds.quota.terms import QuotaEffect
from dealgate.model.decision import Evidence
from dealgate.v1 import gate_pb2 as gate
from dealgate.v1 import quota_pb2 as pb

LINEAR = "business days over, by those of the period, each weighed by ramp and presence"
SEASON = "the share that the season gives by today, weighed by ramp and presence"


def reasons(evidence: Evidence[QuotaEffect]) -> Iterator[pb.QuotaReason]:
    """Yield what fired rules say, in the order of the file."""
    for one in evidence.fired:
        effect = one.rule.then
        warns = effect.warn is not None
        yield pb.QuotaReason(
            code=effect.code,
            severity=gate.REASON_SEVERITY_WARN if warns else gate.REASON_SEVERITY_INFO,
            message=one.rule.because,
            rule_id=one.rule.id,
            elements=one.elements,
        )


def formulas(facts: pb.QuotaFacts) -> list[pb.QuotaFormula]:
    """Return how each number is computed, with what is above and below the line."""
    elapsed = SEASON if facts.seasonality else LINEAR
    texts = {
        "effective_quota": "quota times quota_share: calendar days active and not on leave, each "
        "weighed by its month of the ramp, by all days of the period",
        "attainment": "credited by effective_quota; none if that is 0",
        "expected": f"effective_quota times the elapsed share: {elapsed}",
        "pace": "credited by expected; none if that is 0",
        "projected": "credited by the elapsed share",
        "required_per_day": "gap by the business days after today",
        "team.attainment": "sum of credited by sum of effective quotas, not the mean of ratios",
    }
    return [pb.QuotaFormula(name=name, text=text) for name, text in texts.items()]
