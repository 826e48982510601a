"""Claims about facts that nothing reads: named, and only where neither rules nor the kind do."""

from dataclasses import replace

import pytest

from dealgate.explain.unread import unread
from dealgate.kinds import KINDS
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import load_cases
from tests.shipped import RULES, catalog


def found(kind: str, version: int, *without: str) -> set[str]:
    """Return what nothing reads in a shipped version, some of its rules taken away."""
    ruleset: AnyRuleSet = catalog().version(kind, version)
    file = load_cases(RULES, KINDS, [ruleset])[0]
    fewer = replace(ruleset, rules=[rule for rule in ruleset.rules if rule.id not in without])
    return set(unread(fewer, KINDS[kind], file.cases))


def test_overdue_invoices_were_read_by_no_rule() -> None:
    """Findings H1: of a customer's health version 2 asks for these in vain, and for rates."""
    assert {path for path in found("health", 2) if not path.startswith("exchange_rates.")} == {
        "customer.segment",
        "customer.annual_recurring_revenue",
        "billing.days_overdue",
    }
    assert not [path for path in found("health", 4) if path.startswith("exchange_rates.rates")]


def test_a_fact_is_read_by_the_rules_that_read_it() -> None:
    """Take the one rule that reads it away, and the fact is named."""
    assert "billing.payment_failed" in found("health", 2, "payment-failed")
    assert "relationship.champion_left" in found("health", 2, "champion-left")


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        # Read by the kind: tiers pay, ages are derived, amounts are divided.
        ("quota", ["plan.tiers[].rate", "credits[].split", "plan.draw", "credits[].amount"]),
        ("health", ["customer.started_on", "usage.last_login_at", "earlier.score"]),
        ("attribute", ["touches[].cost", "opportunity.amount", "touches[].at"]),
        ("close", ["items[].unit_price", "contract.end_date", "prior.end_date"]),
    ],
)
def test_what_the_kind_reads_is_read(kind: str, paths: list[str]) -> None:
    """No rule needs to read what the kind computes with."""
    assert not found(kind, 2) & set(paths)


def test_what_a_kind_computes_is_not_asked_for() -> None:
    """Whoever sends it is told to leave it out."""
    assert not [path for path in found("health", 2) if path.startswith("ages.")]


def test_facts_of_lists_are_named_by_their_list() -> None:
    """Every element of a list has them."""
    assert "lines[].sku" in found("recognize", 2)
