"""How each deal counts: its amount, its category, its probabilities, and whether it counts at all.

The close date decides for the methods that people keep by hand; the age-aware method looks at
every open deal, because a date that nobody maintains says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from google.type.money_pb2 import Money

from dealgate.kinds.forecast.amounts import Ledger
from dealgate.kinds.forecast.lifetable import LifeTable
from dealgate.kinds.forecast.period import Period
from dealgate.kinds.forecast.terms import ForecastEffect, ForecastParameters
from dealgate.model.decision import Evidence
from dealgate.model.errors import RulesFailed
from dealgate.model.money import to_minor
from dealgate.model.pipelines import Category, Stage
from dealgate.model.ratio import Ratio
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory, Opportunity

OWN_CATEGORIES: Mapping[int, Category] = {
    ForecastCategory.FORECAST_CATEGORY_OMITTED: "omitted",
    ForecastCategory.FORECAST_CATEGORY_PIPELINE: "pipeline",
    ForecastCategory.FORECAST_CATEGORY_BEST_CASE: "best_case",
    ForecastCategory.FORECAST_CATEGORY_MOST_LIKELY: "most_likely",
    ForecastCategory.FORECAST_CATEGORY_COMMIT: "commit",
    ForecastCategory.FORECAST_CATEGORY_CLOSED: "closed",
}
CENT = Ratio(1, 100)
OTHER_CURRENCY = "OTHER_CURRENCY"
BOOKED = "BOOKED"


class Deal(NamedTuple):
    """A deal as it counts; probabilities from 0 to 1, the amount in exact minor units.

    `left_out` says why the methods that go by close date leave it out; with `gone` the age-aware
    one does too. A `foreign` deal has an amount in a currency that no rate converts, in which it
    counts among its like: `left_out_of_part` says why not. What is None is not known.
    """

    id: str
    pipeline: str
    currency: str
    foreign: bool
    stage: Stage | None
    category: Category | None
    amount: Fraction | None
    in_period: bool
    left_out: str
    left_out_of_part: str
    gone: bool
    stage_probability: Fraction | None
    age_probability: Fraction | None
    rules: Sequence[str]

    @property
    def counts(self) -> bool:
        """Whether it counts where the close date decides."""
        return not self.left_out

    @property
    def is_open(self) -> bool:
        """Whether it can still be won."""
        return self.stage is None or self.stage.closed is None


@dataclass(slots=True)
class Claims:
    """What the rules say about each deal, by its index: of each sort the first that fired."""

    exclusions: dict[int, Rule[ForecastEffect]] = field(default_factory=dict)
    categories: dict[int, Rule[ForecastEffect]] = field(default_factory=dict)
    probabilities: dict[int, Rule[ForecastEffect]] = field(default_factory=dict)
    rules: dict[int, list[str]] = field(default_factory=dict)


def claims(
    ruleset: RuleSet[ForecastEffect, ForecastParameters], evidence: Evidence[ForecastEffect]
) -> Claims:
    """Sort what fired by deal. Raises RulesFailed if a claim about deals judged another list."""
    found = Claims()
    for fired in evidence.fired:
        effect = fired.rule.then
        judged = fired.rule.each.items.source.strip() if fired.rule.each else ""
        if effect.about_deals and judged != "opportunities":
            words = f"{fired.rule.id} claims about deals but is not judged over opportunities"
            raise RulesFailed(ruleset.name, words)
        if judged == "opportunities":
            for index in fired.elements:
                found.rules.setdefault(index, []).append(fired.rule.id)
                _add(found, fired.rule, index)
    return found


def _add(claims: Claims, rule: Rule[ForecastEffect], index: int) -> None:
    if rule.then.exclude is not None:
        claims.exclusions.setdefault(index, rule)
    if rule.then.category is not None:
        claims.categories.setdefault(index, rule)
    if rule.then.probability is not None:
        claims.probabilities.setdefault(index, rule)


def counted(
    facts: pb.ForecastFacts,
    parameters: ForecastParameters,
    said: Claims,
    chances: Sequence[Fraction | None],
    seen: tuple[Period, Ledger],
) -> list[Deal]:
    """Return every deal as it counts, in the order they were sent; `chances` are those by age."""
    return [
        _deal(deal, index, parameters, said, chances[index], seen)
        for index, deal in enumerate(facts.opportunities)
    ]


def chances_by_age(
    ages: Sequence[int | None], table: LifeTable | None, period: Period
) -> list[Fraction | None]:
    """Return the chance of each deal to be won in what is left of the period; None: not known."""
    if table is None:
        return [None] * len(ages)
    first, last = period.window
    return [None if age is None else table.chance(age, first, last) for age in ages]


def _deal(
    deal: Opportunity,
    index: int,
    parameters: ForecastParameters,
    said: Claims,
    by_age: Fraction | None,
    seen: tuple[Period, Ledger],
) -> Deal:
    period, ledger = seen
    amount = deal.amount if deal.HasField("amount") else None
    pipeline = parameters.ways.of(deal)
    stage = pipeline.by_name.get(deal.stage_name)
    excluded = said.exclusions.get(index)
    foreign = amount is not None and not ledger.converts(amount)
    in_period = deal.HasField("close_date") and period.holds(deal.close_date)
    category = _category(deal, stage, said.categories.get(index))
    left_out = _left_out(deal, stage, category, excluded, in_period=in_period)
    return Deal(
        id=deal.id,
        pipeline=pipeline.name,
        currency=amount.currency_code if amount is not None and foreign else ledger.currency,
        foreign=foreign,
        stage=stage,
        category=category,
        amount=_amount(amount, ledger, foreign=foreign),
        in_period=in_period,
        left_out=OTHER_CURRENCY if foreign and left_out in {"", BOOKED} else left_out,
        left_out_of_part=left_out,
        gone=excluded is not None and excluded.then.everywhere,
        stage_probability=_probability(stage, said.probabilities.get(index)),
        age_probability=by_age,
        rules=said.rules.get(index, ()),
    )


def _amount(amount: Money | None, ledger: Ledger, *, foreign: bool) -> Fraction | None:
    """Return minor units of the ledger's currency, of a foreign deal its own; None: not told."""
    if amount is None:
        return None
    return Ratio(to_minor(amount)) if foreign else ledger.read(amount)


def _category(
    deal: Opportunity, stage: Stage | None, rule: Rule[ForecastEffect] | None
) -> Category | None:
    if rule is not None:
        return rule.then.category
    own = OWN_CATEGORIES.get(deal.forecast_category)
    return own or (stage.forecast_category if stage else None)


def _left_out(
    deal: Opportunity,
    stage: Stage | None,
    category: Category | None,
    excluded: Rule[ForecastEffect] | None,
    *,
    in_period: bool,
) -> str:
    if stage is not None and stage.closed is not None:
        return _closed(deal, stage, in_period=in_period)
    if excluded is not None:
        return str(excluded.then.exclude)
    if category == "omitted":
        return "OMITTED"
    if not deal.HasField("close_date"):
        return "CLOSE_DATE_UNKNOWN"
    if not in_period:
        return "OUTSIDE_PERIOD"
    return "" if deal.HasField("amount") else "AMOUNT_UNKNOWN"


def _closed(deal: Opportunity, stage: Stage, *, in_period: bool) -> str:
    """Return why a deal that ended is left out; won in another period it is in no sum of this."""
    if stage.closed != "won":
        return "CLOSED"
    if not deal.HasField("close_date"):
        return "CLOSE_DATE_UNKNOWN"
    return BOOKED if in_period else "OUTSIDE_PERIOD"


def _probability(stage: Stage | None, rule: Rule[ForecastEffect] | None) -> Fraction | None:
    if rule is not None and rule.then.probability is not None:
        return _percent(rule.then.probability)
    return None if stage is None else _percent(stage.probability)


@lru_cache(maxsize=1024)
def _percent(number: Decimal) -> Fraction:
    """Return a percentage as a share: stages and rules have few of them."""
    share: Fraction = Ratio(number) * CENT
    return share
