"""Things to take through flows, and flows to take them through."""

from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from dealgate.decide import Decider
from dealgate.engine.native import NativeEngine
from dealgate.flows import FLOWS
from dealgate.flows.processing import Flows
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.lookup.around import Lookups
from dealgate.model.flow import FlowQuestion
from dealgate.v1.deal_flow_pb2 import DealFlowFacts, ProcessDealResponse
from dealgate.v1.lead_flow_pb2 import LeadFlowFacts, ProcessLeadResponse
from dealgate.wire.arrival import arrive
from tests.flows.newest import DEAL, LEAD, catalog

NOON = 1_788_350_400_000_000_000  # 2026-09-02T12:00:00Z, a Wednesday
ENGINE = NativeEngine()

SALES_QUALIFIED: Any = {
    "lead": {
        "id": "L1",
        "firstName": "Ada",
        "lastName": "Weber",
        "email": "Ada.Weber@acme.de",
        "phone": "030 12345678",
        "title": "VP Operations",
        "country": "Germany",
        "leadSource": "LEAD_SOURCE_WEB",
        "hasOptedOutOfEmail": False,
        "doNotCall": False,
        "company": {
            "name": "Acme GmbH",
            "domain": "acme.de",
            "industry": "INDUSTRY_MANUFACTURING",
            "employees": 420,
        },
    },
    "relationship": {
        "isExportDenied": False,
        "isCompetitor": False,
        "isCustomer": False,
        "isTargetAccount": True,
    },
    "annualContractValue": {"currencyCode": "EUR", "units": "20000"},
    "verify": {
        "mailExchange": {"domain": "acme.de", "result": "MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL"}
    },
    "qualify": {
        "bant": {
            "budget": {
                "status": "BUDGET_STATUS_CAN_BUY",
                "confirmedBy": "CONFIRMATION_CONVERSATION",
                "amount": {"currencyCode": "EUR", "units": "25000"},
            },
            "authority": {
                "level": "AUTHORITY_LEVEL_DECISION_MAKER",
                "confirmedBy": "CONFIRMATION_CONVERSATION",
            },
        }
    },
    "route": {
        "reps": [
            {"id": rep, "teams": ["inbound"], "isActive": True, "capacity": 99, "openLeads": 0}
            for rep in ("ann", "bob")
        ]
    },
    "convert": {
        "account": {"isNew": True},
        "contact": {"isNew": True},
        "deal": {
            "amount": {"currencyCode": "EUR", "units": "20000"},
            "closeDate": {"year": 2026, "month": 12, "day": 15},
            "nextStep": "Demo for the team",
            "nextStepDate": {"year": 2026, "month": 9, "day": 10},
        },
    },
}
DONE = (
    "meeting_held",
    "pain_identified",
    "current_solution_known",
    "timeline_confirmed",
    "recap_sent",
    "stakeholders_identified",
    "technical_requirements_documented",
    "decision_makers_identified",
    "success_criteria_agreed",
    "price_presented",
    "terms_presented",
    "stakeholder_map_done",
    "close_plan_agreed",
    "paper_process_known",
    "redlines_resolved",
    "approval_chain_known",
    "legal_reviewed",
    "contract_signed",
    "payment_terms_agreed",
    "competitors_recorded",
    "handoff_complete",
)
SIGNED: Any = {
    "opportunity": {
        "id": "O1",
        "ownerId": "R1",
        "accountId": "A1",
        "type": "OPPORTUNITY_TYPE_NEW_BUSINESS",
        "amount": {"currencyCode": "EUR", "units": "24000"},
        "stageName": "Negotiation/Review",
        "closeDate": {"year": 2026, "month": 9, "day": 2},
        "leadSource": "Web",
        "discount": {"value": "0"},
        "customTerms": False,
        "contractTermMonths": 12,
        "segment": "MARKET_SEGMENT_SMB",
        "contacts": [
            {"id": "C1", "role": "CONTACT_ROLE_ECONOMIC_BUYER"},
            {"id": "C2", "role": "CONTACT_ROLE_CHAMPION"},
        ],
        "meddppicc": {"metrics": 1, "economicBuyer": 1, "champion": 1},
    },
    "checklist": dict.fromkeys(DONE, True) | {"purchaseOrderRequired": False, "fitScore": 70},
    "closure": {"wonReason": "Faster than what they had"},
    "advance": {
        "targetStage": "Closed Won",
        "actor": {"id": "R1", "role": "SALES_ROLE_REP"},
    },
    "close": {
        "contract": {
            "id": "K1",
            "status": "CONTRACT_STATUS_SIGNED",
            "kind": "CONTRACT_KIND_NEW",
            "startDate": {"year": 2026, "month": 9, "day": 1},
            "endDate": {"year": 2027, "month": 8, "day": 31},
            "termMonths": 12,
            "total": {"currencyCode": "EUR", "units": "24000"},
            "customerSignedDate": {"year": 2026, "month": 8, "day": 30},
            "companySignedDate": {"year": 2026, "month": 8, "day": 31},
            "signatoryAuthorized": True,
            "paper": "PAPER_SOURCE_OURS",
            "customTerms": False,
            "paymentTermsDays": 30,
            "purchaseOrderRequired": False,
            "processesPersonalData": True,
            "dataProcessingSigned": True,
            "exportHold": False,
            "creditHold": False,
            "ownerExpirationNoticeDays": 60,
        },
        "items": [
            {
                "id": "I1",
                "sku": "SEAT",
                "quantity": {"value": "100"},
                "unitPrice": {"currencyCode": "EUR", "units": "240"},
                "total": {"currencyCode": "EUR", "units": "24000"},
            }
        ],
    },
    "attribute": {"touches": [{"id": "T1", "at": "2026-06-01T09:00:00Z", "channel": "web"}]},
    "recognize": {
        "contract": {
            "approved": True,
            "collectible": True,
            "terminableWithoutPenalty": False,
            "financingMonths": 0,
        },
        "lines": [
            {
                "id": "I1",
                "pattern": "RECOGNITION_PATTERN_RATABLE",
                "price": {"currencyCode": "EUR", "units": "24000"},
                "start": {"year": 2026, "month": 9, "day": 1},
                "end": {"year": 2027, "month": 8, "day": 31},
            }
        ],
        "periods": [
            {
                "id": "Y1",
                "start": {"year": 2026, "month": 9, "day": 1},
                "end": {"year": 2027, "month": 8, "day": 31},
            }
        ],
    },
}


class House:
    """Flows by the newest shipped rules, and the journal they write."""

    def __init__(self, *kinds: str, properties: str = "") -> None:
        """Serve these kinds, whose rules may read these properties."""
        rules = catalog(*kinds, properties=properties)
        self.journal = MemoryJournal()
        self.decider = Decider(rules.kinds, rules, ENGINE, self.journal)
        judge_all = Lookups(KINDS, self.journal, None).around(self.decider.judge_all, rules)
        self.flows = Flows(FLOWS, judge_all, self.journal, rules.served)

    async def lead(self, facts: LeadFlowFacts, **changes: Any) -> ProcessLeadResponse:
        """Take a lead through its flow."""
        answer = await self.flows.process(asked(facts, **changes))
        return ProcessLeadResponse.FromString(answer.data)

    async def deal(self, facts: DealFlowFacts, **changes: Any) -> ProcessDealResponse:
        """Take a deal through its flow."""
        answer = await self.flows.process(asked(facts, **changes))
        return ProcessDealResponse.FromString(answer.data)


def asked(facts: Message, **changes: Any) -> FlowQuestion:
    """Return a question to the flow of these facts."""
    flow = "process_lead" if isinstance(facts, LeadFlowFacts) else "process_deal"
    ids = [arrive().id for _ in range(9)]
    values = {"as_of": NOON, "asked_at": NOON, "as_of_given": True, **changes}
    return FlowQuestion(ids[0], flow, facts, ids[1:], **values)


def lead() -> LeadFlowFacts:
    """Return a lead that becomes an opportunity."""
    return ParseDict(SALES_QUALIFIED, LeadFlowFacts())


def deal() -> DealFlowFacts:
    """Return a deal that is won."""
    return ParseDict(SIGNED, DealFlowFacts())


def leads() -> House:
    """Return who takes leads."""
    return House(*LEAD)


def deals() -> House:
    """Return who takes deals."""
    return House(*DEAL)
