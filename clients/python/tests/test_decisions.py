"""What a decision sends and returns."""

import datetime as dt
import uuid

import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from clients.python.tests.conftest import Ask
from clients.python.tests.stand_in import StandIn, reply
from dealgate_client import (
    Activity,
    ActivityType,
    AttributeFacts,
    Company,
    DealEnding,
    Lead,
    Opportunity,
    QualifyFacts,
    QuotaPlan,
    RevenueContract,
    RuleSetNotFound,
    ScoreFacts,
    money,
    question,
)
from dealgate_client.v1.decision_pb2 import ExplainLevel
from dealgate_client.v1.decision_service_pb2 import Answer, BatchDecideResponse

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
LEAD = Lead(id="00Q1")
WON = Opportunity(id="006W", amount=money("EUR", "99.99"))


def test_facts_and_options_arrive_as_given(ask: Ask, server: StandIn) -> None:
    """Facts are keywords, and so are the options of the decision; 0 is not "unknown"."""
    demo = Activity(type=ActivityType.ACTIVITY_TYPE_DEMO_REQUEST)
    choices = {"as_of": NOON, "explain": True, "rule_set_version": 2, "idempotency_key": "mine"}
    lead = Lead(id="00Q1", company=Company(employees=0))
    ask(lambda client: client.score_lead(lead=lead, activities=[demo], **choices))
    request = server.received[0].request
    assert request.facts.lead.company.HasField("employees")
    assert not request.facts.lead.HasField("email")
    assert list(request.facts.activities) == [demo]
    assert request.options.as_of.seconds == NOON.timestamp()
    assert request.options.explain == ExplainLevel.EXPLAIN_LEVEL_CONDITIONS
    assert request.options.rule_set_version == 2
    assert request.options.idempotency_key == "mine"


def test_every_kind_has_its_own_call_and_answer(ask: Ask) -> None:
    """Each call returns the response message of its own RPC, decided about its own subject."""
    open_deal = Opportunity(id="006O", stage_name="Qualification")
    answers = [
        ask(lambda client: client.score_lead(lead=LEAD)),
        ask(lambda client: client.qualify_lead(lead=LEAD)),
        ask(lambda client: client.advance_stage(opportunity=open_deal, target_stage="Proposal")),
        ask(lambda client: client.attribute_revenue(opportunity=WON)),
        ask(lambda client: client.close_deal(opportunity=WON, ending=DealEnding.DEAL_ENDING_WON)),
        ask(lambda client: client.track_quota(plan=QuotaPlan(id="Q3"), owner_id="005R")),
        ask(lambda client: client.recognize_revenue(contract=RevenueContract(id="800K"))),
    ]
    assert [(type(a).__name__, a.header.decision_id) for a in answers] == [
        ("ScoreLeadResponse", "decision-00Q1"),
        ("QualifyLeadResponse", "decision-00Q1"),
        ("AdvanceStageResponse", "decision-006O"),
        ("AttributeRevenueResponse", "decision-006W"),
        ("CloseDealResponse", "decision-006W"),
        ("TrackQuotaResponse", "decision-Q3"),
        ("RecognizeRevenueResponse", "decision-800K"),
    ]


def test_a_decision_has_a_key_unless_it_is_a_dry_run(ask: Ask, server: StandIn) -> None:
    """A fresh UUIDv7 goes along by default; a dry run, or None, sends no key at all."""
    ask(lambda client: client.score_lead(lead=LEAD))
    ask(lambda client: client.score_lead(lead=LEAD))
    ask(lambda client: client.score_lead(lead=LEAD, dry_run=True))
    ask(lambda client: client.score_lead(lead=LEAD, idempotency_key=None))
    options = [call.request.options for call in server.received]
    first, second = (uuid.UUID(sent.idempotency_key) for sent in options[:2])
    assert first != second
    assert (first.version, first.variant) == (7, uuid.RFC_4122)
    assert [sent.HasField("idempotency_key") for sent in options[2:]] == [False, False]


def test_tenant_and_the_callers_metadata_go_along(ask: Ask, server: StandIn) -> None:
    """The client's tenant is sent with every call, beside whatever the call adds."""
    trace = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    ask(lambda client: client.score_lead(lead=LEAD, metadata=[trace]), tenant="acme")
    assert server.received[0].metadata.items() >= {trace, ("dealgate-tenant", "acme")}


def test_a_datetime_without_a_zone_is_refused_before_anything_is_sent(
    ask: Ask, server: StandIn
) -> None:
    """A naive datetime names no instant: ValueError says so and how to mend it."""
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match=r"no time zone.*tzinfo=timezone\.utc"):
        ask(lambda client: client.score_lead(lead=LEAD, as_of=naive))
    assert server.received == []


def test_a_batch_returns_each_answer_or_its_error_in_order(ask: Ask, server: StandIn) -> None:
    """One refused question leaves the others answered; its error is of the type a call raises."""
    refusal = Answer(error=Status(code=5, message="no rule set"))
    refusal.error.details.add().Pack(ErrorInfo(reason="UNKNOWN_RULE_SET"))
    good = Answer()
    good.qualify.header.decision_id = "decision-2"
    server.then(reply(BatchDecideResponse(answers=[refusal, good])))
    asked = [question(ScoreFacts(lead=LEAD)), question(QualifyFacts(lead=LEAD), explain=True)]
    refused, answered = ask(lambda client: client.batch_decide(asked))
    assert isinstance(refused, RuleSetNotFound)
    assert (refused.code, str(refused)) == ("NOT_FOUND", "no rule set")
    assert answered.header.decision_id == "decision-2"
    assert list(server.received[0].request.questions) == asked


def test_a_question_keeps_its_key(server: StandIn, ask: Ask) -> None:
    """Asking the same question twice sends the same key twice, so it is decided once."""
    asked = [question(AttributeFacts(opportunity=WON))]
    ask(lambda client: client.batch_decide(asked))
    ask(lambda client: client.batch_decide(asked))
    first, second = (call.request.questions[0].attribute.options for call in server.received)
    assert first.idempotency_key == second.idempotency_key != ""
