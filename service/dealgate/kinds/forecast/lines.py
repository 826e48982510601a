"""The result of each method, in exact minor units, or why it cannot be computed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from dealgate.kinds.forecast.deals import Deal
from dealgate.kinds.forecast.history import Earlier
from dealgate.kinds.forecast.period import Period
from dealgate.kinds.forecast.terms import ForecastParameters, MethodName
from dealgate.model import words
from dealgate.model.folds import summed, summed_products
from dealgate.model.pipelines import Category
from dealgate.v1 import forecast_pb2 as pb

NO_BOOKED = "what was booked is not known"
NO_HISTORY = "no earlier deals are known"


@dataclass(frozen=True)
class Known:
    """All that the methods compute with; amounts in exact minor units, None if not known.

    `booked` is what was won in the period, `rates` the shares of deals won by pipeline ("": any)
    and stage, with how many closed; `created` what earlier periods created and closed themselves,
    and `past` the earlier deals that tell it.
    """

    deals: Sequence[Deal]
    booked: Fraction | None
    period: Period
    rates: Mapping[tuple[str, str], tuple[Fraction, int]]
    created: Sequence[Fraction] | None
    past: Sequence[Earlier]

    @property
    def has_history(self) -> bool:
        """Whether any earlier deal is known."""
        return bool(self.past)

    @cached_property
    def counted(self) -> Sequence[Deal]:
        """The deals that count where the close date decides."""
        return [deal for deal in self.deals if not deal.left_out]


@dataclass(frozen=True, slots=True)
class Line:
    """An amount in exact minor units, or why there is none; and how it was computed."""

    amount: Fraction | None
    definition: str
    unknown: str = ""


def lines(known: Known, parameters: ForecastParameters) -> dict[MethodName, Line]:
    """Return the result of every method, in the order of the contract."""
    return {name: compute(known, parameters) for name, compute in METHODS.items()}


def total(deals: Sequence[Deal], *categories: Category) -> Fraction:
    """Return what the counted deals of these categories are worth."""
    return summed(
        [deal.amount for deal in deals if deal.category in categories and deal.amount is not None]
    )


def counts_by_age(deal: Deal) -> bool:
    """Whether it has a chance to be won at its age, and no rule takes it out everywhere."""
    return deal.age_probability is not None and not deal.gone


def open_component(deals: Sequence[Deal]) -> tuple[Fraction, int]:
    """Return what open deals should bring by their age, and how many these are."""
    by_age = [deal for deal in deals if counts_by_age(deal) and not deal.foreign]
    return weighted([(deal, deal.age_probability) for deal in by_age]), len(by_age)


def historical_rate(deal: Deal, known: Known, parameters: ForecastParameters) -> Fraction | None:
    """Return the share of deals won from the deal's stage; None if too few are known."""
    if deal.stage is None:
        return None
    name = deal.stage.name
    counted = known.rates.get((deal.pipeline, name)) or known.rates.get(("", name))
    if counted is None:
        return None
    rate, closed = counted
    return rate if closed >= parameters.min_closed else None


def _with_booked(definition: str, open_part: Fraction, known: Known) -> Line:
    if known.booked is None:
        return Line(None, definition, NO_BOOKED)
    return Line(known.booked + open_part, definition)


def weighted(deals: Iterable[tuple[Deal, Fraction | None]]) -> Fraction:
    """Return what deals are worth, each at its probability; of what is not known, nothing."""
    return summed_products(
        (probability, deal.amount)
        for deal, probability in deals
        if probability is not None and deal.amount is not None
    )


def _stage_weighted(known: Known, _: ForecastParameters) -> Line:
    worth = weighted((deal, deal.stage_probability) for deal in known.counted)
    words = "booked, and deals that should close in the period times their stage's probability"
    return _with_booked(words, worth, known)


def _historical_rate(known: Known, parameters: ForecastParameters) -> Line:
    least = parameters.min_closed
    words = (
        "booked, and deals that should close in the period times the share of deals won from "
        f"their stage; the stage's probability where fewer than {least} have closed"
    )
    counted = known.counted
    rates = [historical_rate(deal, known, parameters) for deal in counted]
    if counted and not any(rate is not None for rate in rates):
        return Line(None, words, f"no stage has {least} closed deals")
    pairs = zip(counted, rates, strict=True)
    worth = weighted(
        (deal, deal.stage_probability if rate is None else rate) for deal, rate in pairs
    )
    return _with_booked(words, worth, known)


def _rollup(words: str, *categories: Category) -> Callable[[Known, ForecastParameters], Line]:
    def compute(known: Known, _: ForecastParameters) -> Line:
        return _with_booked(words, total(known.counted, *categories), known)

    return compute


def _run_rate(known: Known, _: ForecastParameters) -> Line:
    words = "booked, divided by the business days gone, times all business days of the period"
    gone = known.period.business_days_gone
    if known.booked is None:
        return Line(None, words, NO_BOOKED)
    if not gone:
        return Line(None, words, "no business day of the period has passed")
    return Line(known.booked * known.period.business_days / gone, words)


def _age_aware(known: Known, _: ForecastParameters) -> Line:
    words = (
        "booked, each open deal times its chance to be won in what is left of the period at its "
        "age, and the mean of what earlier periods created and closed after this day of theirs"
    )
    if not known.has_history:
        return Line(None, words, NO_HISTORY)
    if known.created is None:
        return Line(None, words, "history holds no whole period with amounts")
    worth, _count = open_component(known.deals)
    return _with_booked(words, worth + summed(known.created) / len(known.created), known)


METHODS: dict[MethodName, Callable[[Known, ForecastParameters], Line]] = {
    "stage_weighted": _stage_weighted,
    "historical_rate": _historical_rate,
    "commit": _rollup("Salesforce's CommitForecast: commit and closed", "commit"),
    "most_likely": _rollup(
        "Salesforce's MostLikelyForecast: most likely, commit and closed", "most_likely", "commit"
    ),
    "best_case": _rollup(
        "Salesforce's BestCaseForecast: best case, most likely, commit and closed",
        "best_case",
        "most_likely",
        "commit",
    ),
    "run_rate": _run_rate,
    "age_aware": _age_aware,
}


def method(name: MethodName) -> pb.ForecastMethod.ValueType:
    """Return the method by its name in rule files."""
    return words.number_of(pb.ForecastMethod, name)
