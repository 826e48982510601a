"""Claims about the risk of a loss: unknown is never low, and every fact asked for counts."""

from itertools import product
from random import Random

import pytest
from google.protobuf import text_format

from dealgate.kinds.health import HEALTH
from dealgate.v1 import health_pb2 as pb
from tests.kinds import build
from tests.shipped import ENGINE, catalog

VERSIONS = (1, 2, 3)
WELL = """
    customer { id: "C" priority: 1 segment: MARKET_SEGMENT_SMB
        annual_recurring_revenue { currency_code: "EUR" units: 1000 }
        started_on { year: 2025 month: 1 day: 1 } renews_on { year: 2027 month: 6 day: 1 } }
    usage { measured_at { seconds: 1784000000 } licence_utilization: 0.9 change: 0
        last_login_at { seconds: 1784000000 } key_feature_stopped: false data_exported: false
        seats_removed: 0 billing_page_visits: 0 }
    sentiment { band: HEALTH_BAND_GREEN given_at { seconds: 1784000000 } }
    support { measured_at { seconds: 1784000000 } tickets: 1 tickets_before: 1 }
    voice { promoter_score: 9 given_at { seconds: 1784000000 } }
    plan { is_active: true objectives: 1 reached: 1 }
    relationship { last_meeting_at { seconds: 1784000000 } champion_left: false
        sponsor_changed: false evaluates_competitor: false is_merging: false }
    billing { payment_failed: false days_overdue: 0 }
"""


async def assessed(facts: pb.HealthFacts, version: int) -> pb.HealthOutcome:
    """Return what a shipped version says."""
    rules = catalog().version("health", version)
    assert HEALTH.check(facts, rules.parameters, build.AS_OF) == []
    known = HEALTH.known(facts, rules.parameters, build.AS_OF)
    evidence = await ENGINE.fire(rules, known, build.AS_OF, explain=False)
    outcome = HEALTH.conclude(known, rules, evidence, build.AS_OF).outcome
    assert isinstance(outcome, pb.HealthOutcome)
    return outcome


def told(text: str) -> pb.HealthFacts:
    """Return facts in protobuf's text format."""
    return text_format.Parse(text, pb.HealthFacts())


@pytest.mark.parametrize("version", VERSIONS)
async def test_nothing_known_is_not_low(version: int) -> None:
    """Findings H1: of a customer of whom nothing is known nobody can say that they stay."""
    outcome = await assessed(told('customer { id: "C" }'), version)
    assert outcome.band == pb.HEALTH_BAND_UNKNOWN
    assert outcome.churn_risk == pb.CHURN_RISK_UNKNOWN


@pytest.mark.parametrize("version", VERSIONS)
async def test_all_known_and_well_is_low(version: int) -> None:
    """Else nobody would ever be."""
    assert (await assessed(told(WELL), version)).churn_risk == pb.CHURN_RISK_LOW


@pytest.mark.parametrize("version", VERSIONS)
async def test_less_is_never_known_to_be_low(version: int) -> None:
    """Take any facts of a healthy customer away: low stays only where no rule about signs waits."""
    random = Random(version)
    for _ in range(60):
        facts = told(WELL)
        for field, message in list(facts.ListFields()):
            for inner, _value in list(message.ListFields()):
                if f"{field.name}.{inner.name}" != "customer.id" and random.random() < 0.15:
                    message.ClearField(inner.name)
        for name in ("usage", "support", "voice", "sentiment"):
            if not any(
                getattr(facts, name).HasField(at)
                for at in ("measured_at", "given_at")
                if at in getattr(facts, name).DESCRIPTOR.fields_by_name
            ):
                facts.ClearField(name)
        rules = catalog().version("health", version)
        known = HEALTH.known(facts, rules.parameters, build.AS_OF)
        evidence = await ENGINE.fire(rules, known, build.AS_OF, explain=False)
        waits = any(one.rule.then.signal for one in evidence.undecided)
        outcome = await assessed(facts, version)
        low = outcome.churn_risk == pb.CHURN_RISK_LOW
        assert low == (not waits and not outcome.signals and outcome.HasField("score"))


@pytest.mark.parametrize(
    ("days", "risk"),
    [(29, pb.CHURN_RISK_LOW), (30, pb.CHURN_RISK_MEDIUM), (400, pb.CHURN_RISK_HIGH)],
)
async def test_overdue_invoices_point_to_a_loss(days: int, risk: pb.ChurnRisk.ValueType) -> None:
    """Findings H1: 400 days overdue is no low risk, whatever else is well."""
    facts = told(WELL)
    facts.billing.days_overdue = days
    assert (await assessed(facts, 3)).churn_risk == risk


async def test_four_hundred_days_overdue_alone() -> None:
    """Findings H1: nothing else is known, and that is enough."""
    facts = told('customer { id: "C" } billing { days_overdue: 400 payment_failed: false }')
    outcome = await assessed(facts, 3)
    assert outcome.churn_risk == pb.CHURN_RISK_HIGH
    assert [one.code for one in outcome.signals] == ["INVOICE_LONG_OVERDUE"]


@pytest.mark.parametrize(("name", "at"), [("usage", "measured_at"), ("support", "measured_at")])
async def test_what_is_too_old_is_not_known(name: str, at: str) -> None:
    """Telemetry that fell silent is no sign that all is well: the risk is not known, not low."""
    facts = told(WELL)
    getattr(getattr(facts, name), at).seconds -= 200 * 86_400
    assert (await assessed(facts, 3)).churn_risk == pb.CHURN_RISK_UNKNOWN


async def test_what_is_too_old_is_no_sign_either() -> None:
    """That they exported their data 200 days ago says nothing about today."""
    facts = told(WELL)
    facts.usage.data_exported = True
    facts.usage.measured_at.seconds -= 200 * 86_400
    assert not (await assessed(facts, 3)).signals


async def test_ages_are_told_whatever_is_taken_away() -> None:
    """Who reads only how old something is reads it still."""
    facts = told(WELL)
    facts.usage.measured_at.seconds -= 200 * 86_400
    parameters = catalog().version("health", 3).parameters
    known = HEALTH.known(facts, parameters, build.AS_OF)
    assert not known.HasField("usage")
    assert known.ages.usage_days > 200
    assert facts.HasField("usage")


@pytest.mark.parametrize("share", [3.01, 80.0, -0.1])
def test_a_percentage_is_no_share(share: float) -> None:
    """Findings H1: 80 for 80 % is refused, with the cure."""
    facts = told(WELL)
    facts.usage.licence_utilization = share
    found = HEALTH.check(facts, catalog().version("health", 3).parameters, build.AS_OF)
    assert [one.field for one in found] == ["usage.licence_utilization"]
    assert "write 80 % as 0.8" in found[0].description


async def test_each_fact_of_the_contract_makes_a_difference() -> None:
    """Version 3 asks for nothing in vain: some value of each fact changes the answer."""
    usual = {text: await assessed(told(text), 3) for text in (WELL, UNEASY)}
    for path, values in DIFFERENT.items():
        name, inner = path.split(".")
        outcomes = []
        for text, value in product(usual, values):
            facts = told(text)
            text_format.Merge(f"{name} {{ {inner} {value} }}", facts)
            outcomes.append((await assessed(facts, 3), usual[text]))
        assert any(after != before for after, before in outcomes), path


UNEASY = (
    WELL.replace("HEALTH_BAND_GREEN", "HEALTH_BAND_YELLOW")
    .replace("sponsor_changed: false", "sponsor_changed: true")
    .replace("promoter_score: 9", "promoter_score: 5")
)
DIFFERENT = {
    "customer.segment": [": MARKET_SEGMENT_ENTERPRISE"],
    "customer.annual_recurring_revenue": ["{ units: 200000 }"],
    "customer.started_on": ["{ year: 2026 month: 7 }"],
    "customer.success_manager_id": [': "M"'],
    "billing.days_overdue": [": 60"],
    "billing.payment_failed": [": true"],
    "usage.last_login_at": ["{ seconds: 1700000000 }"],
    "usage.change": [": -0.6"],
    "usage.seats_removed": [": 2"],
    "usage.billing_page_visits": [": 3"],
    "support.tickets": [": 20"],
    "relationship.is_merging": [": true"],
}
