"""The health of a pipeline, in each of its currencies: no sum is made of two of them."""

from collections.abc import Sequence

from dealgate.kinds.inspect.terms import InspectParameters
from dealgate.model.money import from_minor
from dealgate.model.ratio import Ratio
from dealgate.v1 import inspect_pb2 as pb

WORST_FIRST = (
    pb.PIPELINE_HEALTH_RED,
    pb.PIPELINE_HEALTH_YELLOW,
    pb.PIPELINE_HEALTH_GREEN,
    pb.PIPELINE_HEALTH_UNKNOWN,
)
# The currency of a deal's amount ("": nobody says one), what it is in minor units, and its score.
Judged = tuple[str, int, int]


def judge(
    outcome: pb.InspectOutcome,
    deals: Sequence[Judged],
    currency: str,
    parameters: InspectParameters,
) -> None:
    """Write the score in the pipeline's currency, and the health, which is its worst one.

    Deals in a currency that no rate converts are judged for themselves: they are at risk whether
    or not they can be added to the others.
    """
    codes = sorted({code for code, _, _ in deals} - {""})
    parts = {code: _part(code, deals, parameters) for code in codes}
    own = parts.get(currency)
    if own is not None and own.HasField("score"):
        outcome.score = own.score
    counted = 0 if own is None else own.deals
    outcome.deals_left_out = len(deals) - counted
    if len(parts) > 1:
        outcome.by_currency.extend(parts.values())
    healths = {part.health for part in parts.values()} or {pb.PIPELINE_HEALTH_UNKNOWN}
    outcome.health = min(healths, key=WORST_FIRST.index)


def _part(code: str, deals: Sequence[Judged], parameters: InspectParameters) -> pb.CurrencyHealth:
    weights = [(worth, score) for currency, worth, score in deals if currency == code]
    whole = sum([weight for weight, _ in weights])
    part = pb.CurrencyHealth(currency_code=code, deals=len(weights), amount=from_minor(whole, code))
    if whole:
        mean = Ratio(sum([weight * score for weight, score in weights]), whole)
        part.score = int(mean + Ratio(1, 2))
    part.health = _health(part.score if whole else None, parameters)
    return part


def _health(score: int | None, parameters: InspectParameters) -> pb.PipelineHealth.ValueType:
    if score is None:
        return pb.PIPELINE_HEALTH_UNKNOWN
    if score >= parameters.health.green:
        return pb.PIPELINE_HEALTH_GREEN
    yellow = score >= parameters.health.yellow
    return pb.PIPELINE_HEALTH_YELLOW if yellow else pb.PIPELINE_HEALTH_RED
