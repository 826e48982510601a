"""Three people who may buy: a good lead, one nobody knows, and one who will never buy."""

from dealgate.demo.scene import Scene, ago
from dealgate_client import (
    Activity,
    ActivityType,
    AsyncClient,
    AuthorityLevel,
    Bant,
    BantAuthority,
    BantBudget,
    BantNeed,
    BantTimeline,
    BudgetStatus,
    Company,
    Confirmation,
    EmailDomainType,
    Industry,
    JobFunction,
    Lead,
    LeadHistory,
    LeadScores,
    LeadSource,
    MeddpiccScores,
    NeedLevel,
    QualifyLeadResponse,
    Relationship,
    ScoreLeadResponse,
    Seniority,
    Verification,
    VerificationStatus,
    money,
)
from dealgate_client.calls import Metadata

PRIYA = Lead(
    id="00Q-priya",
    first_name="Priya",
    last_name="Raman",
    title="VP Operations",
    seniority=Seniority.SENIORITY_VP,
    job_function=JobFunction.JOB_FUNCTION_OPERATIONS,
    email="priya.raman@norderney-maschinen.example",
    email_domain_type=EmailDomainType.EMAIL_DOMAIN_TYPE_BUSINESS,
    country="DE",
    lead_source=LeadSource.LEAD_SOURCE_WEB,
    created_at=ago(days=21),
    has_opted_out_of_email=False,
    do_not_call=False,
    has_hard_bounced=False,
    company=Company(
        name="Norderney Maschinenbau",
        industry=Industry.INDUSTRY_MANUFACTURING,
        employees=420,
        annual_revenue=money("EUR", "64000000"),
        country="DE",
    ),
)
INTEREST = [
    Activity(id="e1", type=ActivityType.ACTIVITY_TYPE_DEMO_REQUEST, at=ago(days=1), count=1),
    Activity(id="e2", type=ActivityType.ACTIVITY_TYPE_PRICING_PAGE, at=ago(days=2), count=1),
    Activity(id="e3", type=ActivityType.ACTIVITY_TYPE_WEBINAR_ATTENDED, at=ago(days=16), count=1),
    Activity(id="e4", type=ActivityType.ACTIVITY_TYPE_EMAIL_CLICK, at=ago(days=30), count=2),
]
GOOD = Verification(
    status=VerificationStatus.VERIFICATION_STATUS_VERIFIED,
    contactable_by_email=True,
    contactable_by_phone=True,
    data_quality=92,
)
NOBODY_SPECIAL = Relationship(
    is_customer=False,
    is_competitor=False,
    is_employee=False,
    is_candidate=False,
    is_student=False,
    is_support_request=False,
    is_export_denied=False,
    is_partner=False,
)
TALKED = Confirmation.CONFIRMATION_CONVERSATION
CONVERSATION = Bant(
    budget=BantBudget(
        status=BudgetStatus.BUDGET_STATUS_CAN_BUY,
        amount=money("EUR", "30000"),
        confirmed_by=TALKED,
    ),
    authority=BantAuthority(
        level=AuthorityLevel.AUTHORITY_LEVEL_DECISION_MAKER, confirmed_by=TALKED
    ),
    need=BantNeed(level=NeedLevel.NEED_LEVEL_MUST_HAVE, confirmed_by=TALKED),
    timeline=BantTimeline(days=60, confirmed_by=TALKED),
)
HISTORY = LeadHistory(recycle_count=0, attempts_without_response=0)
MIA = Lead(
    id="00Q-mia",
    first_name="Mia",
    email="mia.b@mail.example",
    email_domain_type=EmailDomainType.EMAIL_DOMAIN_TYPE_FREE,
)
STUDIES = Relationship(is_student=True)
READS = [Activity(id="m1", type=ActivityType.ACTIVITY_TYPE_BLOG, at=ago(days=3), count=5)]
NOVAK = Lead(id="00Q-novak", last_name="Novák", company=Company(name="Novák a syn"))


async def score_priya(client: AsyncClient, trace: Metadata) -> ScoreLeadResponse:
    """Ask how good a lead she is."""
    return await client.score_lead(
        lead=PRIYA,
        activities=INTEREST,
        relationship=NOBODY_SPECIAL,
        history=HISTORY,
        metadata=trace,
    )


async def qualify_priya(client: AsyncClient, trace: Metadata) -> QualifyLeadResponse:
    """Ask what to do with her, by the score she has."""
    score = (await score_priya(client, trace)).outcome
    return await client.qualify_lead(
        lead=PRIYA,
        scores=LeadScores(fit=score.fit, engagement=score.engagement, composite=score.composite),
        verification=GOOD,
        relationship=NOBODY_SPECIAL,
        activities=INTEREST,
        history=HISTORY,
        bant=CONVERSATION,
        meddpicc=MeddpiccScores(identified_pain=2, champion=2, economic_buyer=3),
        annual_contract_value=money("EUR", "24000"),
        metadata=trace,
    )


SCENES = (
    Scene(
        "Priya Raman runs operations at a machine builder of 420 people. She asked for a demo"
        " yesterday and looked at our prices the day before. How good a lead is she?",
        score_priya,
    ),
    Scene(
        "We have talked to her: she decides, she has a budget, and she needs it in two months."
        " What do we do with her?",
        qualify_priya,
    ),
    Scene(
        "Of Mr Novák we have a surname and a company's name. And with him?",
        lambda client, trace: client.qualify_lead(lead=NOVAK, metadata=trace),
    ),
    Scene(
        "Mia studies, writes from a free mail address and reads our blog. And with her?",
        lambda client, trace: client.qualify_lead(
            lead=MIA, relationship=STUDIES, activities=READS, verification=GOOD, metadata=trace
        ),
    ),
)
