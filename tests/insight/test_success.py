"""What customers keep, how soon they get value, and promises of time, by hand."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.model.money import from_minor
from dealgate.v1 import close_pb2, handoff_pb2, route_pb2
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.insight.recording import Journal, left_out, on, stamp, value


def contract(
    journal: Journal, name: str, worth: int | None, told: tuple[Any, ...], currency: str = "EUR"
) -> None:
    """A deal that was closed on day 1, and what came of its contract."""
    amount = None if worth is None else from_minor(worth, currency)
    facts = close_pb2.CloseFacts(opportunity=Opportunity(id=name, amount=amount))
    journal.note("close", ("opportunity", name), 1, facts=facts, told=told)


def test_retention_by_hand() -> None:
    """100 grew to 130, 200 shrank to 150, 100 left: NRR 0.7, GRR 0.625."""
    journal = Journal()
    contract(journal, "a", 10_000, ("RENEWED", 100, 13_000))
    contract(journal, "b", 20_000, ("RENEWED", 100, 15_000))
    contract(journal, "c", 10_000, ("CHURNED", 100))
    found = journal.ask("GetSuccessMetrics")
    assert value(found.net_revenue_retention) == "0.7"
    assert value(found.gross_revenue_retention) == "0.625"
    parts = (found.start, found.expansion, found.contraction, found.churn)
    assert [one.units for one in parts] == [400, 30, 50, 100]
    assert (found.renewed.numerator, found.renewed.denominator) == (2, 3)


def test_what_is_not_known_is_left_out_of_money_and_not_of_numbers() -> None:
    """A worth that nobody knows is no 0: it counts among customers and not in revenue."""
    journal = Journal()
    contract(journal, "a", 10_000, ("RENEWED", 100))
    contract(journal, "b", None, ("CHURNED", 100))
    found = journal.ask("GetSuccessMetrics")
    assert value(found.net_revenue_retention) is None
    assert not found.HasField("start")
    assert (found.renewed.numerator, found.renewed.denominator) == (1, 2)
    assert left_out(found) == {"WORTH_UNKNOWN": 2}


def test_a_window_holds_what_happened_in_it() -> None:
    """Renewals outside of it do not count."""
    journal = Journal()
    contract(journal, "a", 10_000, ("RENEWED", 100, 10_000))
    contract(journal, "b", 10_000, ("CHURNED", 200))
    found = journal.ask("GetSuccessMetrics", since=50, before=150)
    assert value(found.gross_revenue_retention) == "1"


def test_two_currencies_are_not_added() -> None:
    """Without a choice there is no ratio; with one, the others are left out."""
    journal = Journal()
    contract(journal, "a", 10_000, ("CHURNED", 100))
    contract(journal, "b", 10_000, ("RENEWED", 100, 10_000, "USD"), "USD")
    found = journal.ask("GetSuccessMetrics")
    assert "choose one" in found.net_revenue_retention.unknown_because
    chosen = journal.ask("GetSuccessMetrics", currency_code="USD")
    assert value(chosen.net_revenue_retention) == "1"
    assert left_out(chosen) == {"OTHER_CURRENCY": 1}


def hand_off(
    journal: Journal,
    name: str,
    started: int | None,
    told: tuple[Any, ...] | None = None,
    replied: float | None = None,
) -> None:
    """A hand-off on day 1, whose reply is due by the end of day 3."""
    facts = handoff_pb2.HandoffFacts(opportunity=Opportunity(id=name))
    if started is not None:
        facts.customer.started_on.CopyFrom(on(started))
    if replied is not None:
        facts.reply.replied_at.CopyFrom(stamp(replied))
    outcome = handoff_pb2.HandoffOutcome(reply_due_on=on(3))
    answer = handoff_pb2.HandOffCustomerResponse(outcome=outcome)
    journal.note("handoff", ("opportunity", name), 1, facts=facts, answer=answer, told=told)


def test_time_to_value_knows_who_waits() -> None:
    """10 and 20 days, one that waits since day 0, and one whose start nobody knows."""
    journal = Journal()
    hand_off(journal, "a", 5, ("FIRST_VALUE", 15))
    hand_off(journal, "b", 0, ("FIRST_VALUE", 20))
    hand_off(journal, "c", 0)
    hand_off(journal, "d", None)
    found = journal.ask("GetSuccessMetrics", as_of=30)
    assert value(found.time_to_value_days) == "20"
    assert (found.reached_value, found.awaiting_value) == (2, 1)
    assert left_out(found) == {"START_UNKNOWN": 1}


def test_value_may_come_before_the_start() -> None:
    """Who used it before the subscription began has a negative time."""
    journal = Journal()
    hand_off(journal, "a", 10, ("FIRST_VALUE", 8))
    assert value(journal.ask("GetSuccessMetrics").time_to_value_days) == "-2"


def test_promises_of_time() -> None:
    """Kept by the end of its day, missed, or not due: a deal that is asked about twice is one."""
    journal = Journal()
    hand_off(journal, "kept", 0)
    hand_off(journal, "kept", 0, replied=3.5)
    hand_off(journal, "late", 0, replied=4.5)
    outcome = route_pb2.RouteOutcome()
    duty = route_pb2.RouteDuty.ROUTE_DUTY_FIRST_CONTACT
    outcome.deadlines.add(duty=duty, due_at=stamp(2))
    answer = route_pb2.RouteLeadResponse(outcome=outcome)
    for name, told in (("a", ("ACCEPTED", 1.5)), ("b", ("REJECTED", 1.5)), ("c", None)):
        journal.note("route", ("lead", name), 1, answer=answer, told=told)
    found = journal.ask("GetSuccessMetrics", as_of=10)
    assert {p.name: (p.kept.numerator, p.kept.denominator, p.pending) for p in found.promises} == {
        "first-contact": (1, 3, 0),
        "hand-off-reply": (1, 2, 0),
    }
    early = {p.name: p for p in journal.ask("GetSuccessMetrics", as_of=1.8).promises}
    assert early["first-contact"].kept.denominator == 1
    assert (early["first-contact"].pending, early["hand-off-reply"].pending) == (2, 2)


CONTRACTS = st.tuples(st.integers(1, 10**9), st.one_of(st.none(), st.integers(0, 10**9)))


@settings(deadline=None, max_examples=25)
@given(st.lists(CONTRACTS, min_size=1, max_size=12))
def test_gross_retention_is_never_above_one(contracts: list[tuple[int, int | None]]) -> None:
    """GRR lies in [0, 1] and NRR is what is there now by what was there, whatever renews."""
    journal = Journal()
    for number, (start, worth) in enumerate(contracts):
        told = ("CHURNED", 100) if worth is None else ("RENEWED", 100, worth)
        contract(journal, f"c{number}", start, told)
    found = journal.ask("GetSuccessMetrics")
    assert 0 <= float(value(found.gross_revenue_retention) or "") <= 1
    before, now = sum(one for one, _ in contracts), sum(one or 0 for _, one in contracts)
    assert abs(float(value(found.net_revenue_retention) or "") - now / before) < 1e-6
