"""Rates of exchange for questions whose amounts are in other currencies than the rules'."""

from typing import Any

from dealgate.decide import Catalog, may_decide
from dealgate.lookup import added
from dealgate.model.decision import Question
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.money_fields import currencies_in
from dealgate.model.rates import RateBook
from dealgate.model.zones import UTC, day_in

FIELD = "exchange_rates"


def rated(question: Question, catalog: Catalog, book: RateBook | None) -> Question:
    """Return the question, with the rates of its day if its amounts need them.

    A question that brings rates keeps its own.
    """
    facts: Any = question.facts
    if book is None or FIELD not in facts.DESCRIPTOR.fields_by_name or facts.HasField(FIELD):
        return question
    try:
        currencies = currencies_in(facts) | _own(question, catalog)
    except UnknownRuleSet:
        # The walk refuses it too, and for all its reasons at once.
        return question
    rates = book.at(day_in(UTC, question.as_of), sorted(currencies))
    if len(currencies - {""}) < 2 or rates is None:
        return question
    known = type(facts)()
    known.CopyFrom(facts)
    known.exchange_rates.CopyFrom(rates)
    return added(question, known)


def _own(question: Question, catalog: Catalog) -> set[str]:
    """Return the currencies that amounts are converted to: the rules', or the question's own."""
    asked = getattr(question.facts, "currency_code", "")
    deciding = may_decide(question, catalog)
    return {asked, *(getattr(rules.parameters, "currency", None) or "" for rules in deciding)}
