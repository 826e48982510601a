"""A deal that wants to move on, three times."""

import datetime as dt
from typing import Unpack

from dealgate.demo.scene import NOW, Scene, ago
from dealgate_client import (
    Actor,
    AdvanceStageResponse,
    Approval,
    AsyncClient,
    ContactRole,
    ExitChecklist,
    MarketSegment,
    Opportunity,
    OpportunityContact,
    OpportunityMeddppicc,
    OpportunityType,
    SalesRole,
    date,
    decimal,
    money,
)
from dealgate_client.calls import Choices, Metadata

REP = Actor(id="005-jonas", role=SalesRole.SALES_ROLE_REP)


BUYING_GROUP = (
    OpportunityContact(
        id="003-priya", role=ContactRole.CONTACT_ROLE_ECONOMIC_BUYER, is_primary=True
    ),
    OpportunityContact(id="003-bernd", role=ContactRole.CONTACT_ROLE_CHAMPION),
    OpportunityContact(id="003-ulla", role=ContactRole.CONTACT_ROLE_PROCUREMENT),
)
MEDDPPICC = OpportunityMeddppicc(
    metrics=2,
    economic_buyer=3,
    decision_criteria=2,
    decision_process=2,
    paper_process=2,
    identified_pain=3,
    champion=2,
    competition=1,
)


def norderney(stage: str, discount: str) -> Opportunity:
    """Return the deal with Norderney Maschinenbau in this stage, at this discount (a share)."""
    return Opportunity(
        id="006-norderney",
        name="Norderney Maschinenbau: plant planning",
        owner_id="005-jonas",
        account_id="001-norderney",
        type=OpportunityType.OPPORTUNITY_TYPE_NEW_BUSINESS,
        amount=money("EUR", "24000"),
        stage_name=stage,
        close_date=date((NOW + dt.timedelta(days=45)).date()),
        created_at=ago(days=40),
        next_step="Send the redlined contract",
        next_step_date=date((NOW + dt.timedelta(days=4)).date()),
        discount=decimal(discount),
        custom_terms=False,
        contract_term_months=12,
        segment=MarketSegment.MARKET_SEGMENT_MID_MARKET,
        version=7,
        contacts=BUYING_GROUP,
        meddppicc=MEDDPPICC,
    )


DONE = ExitChecklist(
    fit_score=82,
    meeting_held=True,
    pain_identified=True,
    current_solution_known=True,
    timeline_confirmed=True,
    stakeholders_identified=True,
    recap_sent=True,
    technical_requirements_documented=True,
    decision_makers_identified=True,
    success_criteria_agreed=True,
    price_presented=True,
    terms_presented=True,
    stakeholder_map_done=True,
    close_plan_agreed=True,
    paper_process_known=True,
)
OFFER, TALKS = "Proposal/Price Quote", "Negotiation/Review"


async def ask_for_discount(
    client: AsyncClient, trace: Metadata, **options: Unpack[Choices]
) -> AdvanceStageResponse:
    """Ask whether 25 % off may go on to the negotiation, with the manager's approval."""
    agreed = Approval(
        role=SalesRole.SALES_ROLE_MANAGER, approver_id="005-meike", approved_at=ago(days=1)
    )
    return await client.advance_stage(
        opportunity=norderney(OFFER, "0.25"),
        target_stage=TALKS,
        actor=REP,
        checklist=DONE,
        approvals=[agreed],
        metadata=trace,
        **options,
    )


SCENES = (
    Scene(
        "Her deal, 24,000 € a year, is at the proposal. Everything on the checklist is done and"
        " there is no discount. May Jonas move it on to the negotiation?",
        lambda client, trace: client.advance_stage(
            metadata=trace,
            opportunity=norderney(OFFER, "0"),
            target_stage=TALKS,
            actor=REP,
            checklist=DONE,
            expected_version=7,
        ),
    ),
    Scene(
        "The same, but procurement wants 25 % off, and Jonas's manager has agreed.",
        ask_for_discount,
    ),
    Scene(
        "It is the last day of the quarter. Could he not call it won?",
        lambda client, trace: client.advance_stage(
            metadata=trace,
            opportunity=norderney(OFFER, "0.25"),
            target_stage="Closed Won",
            actor=REP,
            checklist=DONE,
        ),
    ),
)
