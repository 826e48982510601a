"""Before a score, and after a deal is won: one question to each service."""

import datetime as dt

from dealgate.demo.leads import PRIYA
from dealgate.demo.scene import NOW, Scene, ago
from dealgate_client import (
    Customer,
    CustomerUsage,
    FinancePeriod,
    HealthBand,
    Lead,
    Opportunity,
    PastDeal,
    QuotaCredit,
    QuotaPlan,
    RecognitionPattern,
    RevenueContract,
    RevenueLine,
    Seller,
    Sentiment,
    date,
    money,
)

TODAY = NOW.date()
FIRST = dt.date(TODAY.year, (TODAY.month - 1) // 3 * 3 + 1, 1)  # of this quarter
NEXT = (FIRST + dt.timedelta(days=95)).replace(day=1)
AFTER = (NEXT + dt.timedelta(days=95)).replace(day=1)
DAY = dt.timedelta(days=1)
PERIODS = [
    FinancePeriod(id="this quarter", start=date(FIRST), end=date(NEXT - DAY)),
    FinancePeriod(id="next quarter", start=date(NEXT), end=date(AFTER - DAY)),
]
OPEN = [
    Opportunity(
        id=f"006-{number}",
        amount=money("EUR", units),
        stage_name=stage,
        close_date=date(NEXT - DAY),
        created_at=ago(days=30),
    )
    for number, (units, stage) in enumerate(
        [("24000", "Negotiation/Review"), ("60000", "Proposal/Price Quote")], 1
    )
]
PAST = [
    PastDeal(
        opened_on=date(FIRST - (age + 20) * DAY),
        closed_on=date(FIRST - 20 * DAY),
        won=won,
        amount=money("EUR", "30000"),
    )
    for age, won in ((40, True), (60, False), (80, True), (120, False))
]

SCENES = (
    Scene(
        "Is what somebody typed into the form true, and may we write to them?",
        lambda client, trace: client.verify_lead(
            metadata=trace,
            lead=Lead(id=PRIYA.id, email="Priya.Raman@Mailinator.com", first_name="Test"),
        ),
    ),
    Scene(
        "What will the quarter bring, with 40,000 € booked and two deals open?",
        lambda client, trace: client.forecast_pipeline(
            metadata=trace,
            id="emea",
            period_start=date(FIRST),
            period_end=date(NEXT - DAY),
            quota=money("EUR", "100000"),
            booked=money("EUR", "40000"),
            opportunities=OPEN,
            history=PAST,
        ),
    ),
    Scene(
        "24,000 € for half a year from this quarter on: when is it revenue?",
        lambda client, trace: client.recognize_revenue(
            metadata=trace,
            contract=RevenueContract(
                id="K-1", signed_on=date(TODAY), approved=True, collectible=True
            ),
            lines=[
                RevenueLine(
                    id="plan",
                    price=money("EUR", "24000"),
                    pattern=RecognitionPattern.RECOGNITION_PATTERN_RATABLE,
                    start=date(FIRST),
                    end=date(AFTER - DAY),
                )
            ],
            periods=PERIODS,
        ),
    ),
    Scene(
        "How far is Jonas on the way to his quota of 100,000 €?",
        lambda client, trace: client.track_quota(
            metadata=trace,
            plan=QuotaPlan(id="Q", start=date(FIRST), end=date(NEXT - DAY)),
            owner_id="005-jonas",
            sellers=[Seller(id="005-jonas", quota=money("EUR", "100000"))],
            credits=[
                QuotaCredit(
                    id="c1",
                    owner_id="005-jonas",
                    amount=money("EUR", "40000"),
                    booked_on=date(FIRST),
                )
            ],
        ),
    ),
    Scene(
        "A year on, hardly anybody there uses it. How is this customer doing?",
        lambda client, trace: client.assess_health(
            metadata=trace,
            customer=Customer(id="001-norderney", renews_on=date(TODAY + 60 * DAY)),
            usage=CustomerUsage(measured_at=ago(days=1), licence_utilization=0.2),
            sentiment=Sentiment(band=HealthBand.HEALTH_BAND_GREEN, given_at=ago(days=2)),
        ),
    ),
)
