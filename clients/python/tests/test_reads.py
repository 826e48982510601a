"""Decisions and rule sets that are there already, and the server's health."""

import datetime as dt

import grpc
import pytest
from google.protobuf.wrappers_pb2 import Int32Value
from google.rpc.error_details_pb2 import ErrorInfo

from clients.python.tests.conftest import Ask
from clients.python.tests.stand_in import StandIn, fail, reply
from dealgate_client import (
    AsyncClient,
    Client,
    ClientClosed,
    DecisionResult,
    ExplainDecisionResponse,
    Lead,
    NotFound,
    RecordedDecisionSummary,
    ResultExists,
    ResultType,
    RuleSetSummary,
    Unavailable,
    money,
)
from dealgate_client.v1.decision_service_pb2 import GetDecisionResponse, ListDecisionsResponse
from dealgate_client.v1.insight_pb2 import GetRuleEffectivenessResponse, GetVelocityResponse
from dealgate_client.v1.result_pb2 import RecordResultResponse
from dealgate_client.v1.rule_service_pb2 import (
    CatalogSummary,
    CheckRuleSetResponse,
    ListRuleSetsResponse,
    ReleaseRuleSetResponse,
)

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


def page(*ids: str, more: str = "") -> ListDecisionsResponse:
    """Return a page with these decisions."""
    outlines = [RecordedDecisionSummary(decision_id=known) for known in ids]
    return ListDecisionsResponse(decisions=outlines, next_page_token=more)


def test_listing_goes_through_all_pages(ask: Ask, server: StandIn) -> None:
    """Pages are fetched with the same conditions until there is none left, empty ones included."""
    server.then(reply(page("3", "2", more="a")), reply(page(more="b")), reply(page("1")))
    chosen = {"entity": "lead/00Q1", "kind": "score", "evaluated_from": NOON, "page_size": 2}
    listed = ask(lambda client: client.list_decisions(**chosen))
    assert [outline.decision_id for outline in listed] == ["3", "2", "1"]
    requests = [call.request for call in server.received]
    assert [request.page_token for request in requests] == ["", "a", "b"]
    assert {request.entity for request in requests} == {"lead/00Q1"}
    assert {request.evaluated_from.seconds for request in requests} == {int(NOON.timestamp())}


def test_listing_fetches_no_page_before_it_is_needed(server: StandIn) -> None:
    """Who looks at the newest decision only, pays for one page only."""
    server.then(reply(page("3", "2", more="a")))
    with Client(server.target) as client:
        assert next(client.list_decisions()).decision_id == "3"
    assert len(server.received) == 1


def test_a_recorded_decision_holds_question_and_answer(ask: Ask, server: StandIn) -> None:
    """get_decision returns the record itself."""
    response = GetDecisionResponse()
    response.decision.question.score.facts.lead.id = "00Q1"
    server.then(reply(response))
    assert ask(lambda client: client.get_decision("0192")) == response.decision
    assert server.received[0].request.decision_id == "0192"


def test_a_decision_is_explained(ask: Ask, server: StandIn) -> None:
    """explain_decision returns the explanation, with as many flips as were asked for."""
    response = ExplainDecisionResponse(outcome="MQL")
    server.then(reply(response))
    explained = ask(lambda client: client.explain_decision("0192", flips_per_outcome=3))
    assert explained == response
    request = server.received[0].request
    assert (request.decision_id, request.flips_per_outcome) == ("0192", 3)


def test_a_result_is_recorded_and_corrected(ask: Ask, server: StandIn) -> None:
    """record_result sends what happened, and a correction names what it replaces, and why."""
    response = RecordResultResponse(result=DecisionResult(revision=2))
    server.then(reply(response), reply(response))
    won = ResultType.RESULT_TYPE_WON
    named = {"happened_at": NOON, "recorded_by": "crm", "amount": money("EUR", "12.50")}
    assert ask(lambda client: client.record_result("0192", won, **named)) == response.result
    changed = {**named, "corrects": 1, "because": "Wrong deal.", "reason": "fit"}
    ask(lambda client: client.record_result("0192", won, **changed))
    first, second = (call.request for call in server.received)
    assert (first.decision_id, first.type, first.amount) == ("0192", won, money("EUR", "12.50"))
    assert first.happened_at.seconds == NOON.timestamp()
    assert not first.HasField("corrects")
    assert (second.corrects, second.because, second.reason) == (1, "Wrong deal.", "fit")


def test_a_second_result_is_its_own_error(ask: Ask, server: StandIn) -> None:
    """ResultExists is told from KeyReused, which has the same status."""
    info = ErrorInfo(reason="RESULT_EXISTS", domain="dealgate")
    server.then(fail(grpc.StatusCode.ALREADY_EXISTS, info))
    with pytest.raises(ResultExists):
        ask(
            lambda client: client.record_result(
                "0192", ResultType.RESULT_TYPE_LOST, happened_at=NOON, recorded_by="crm"
            )
        )


def test_insights_are_asked_for_a_window(ask: Ask, server: StandIn) -> None:
    """A window, and what else an insight takes; a minute, unless the call names its own time."""
    server.then(reply(GetVelocityResponse(opportunities=7)), reply(GetRuleEffectivenessResponse()))
    window = {"since": NOON, "before": NOON, "as_of": NOON}
    found = ask(lambda client: client.get_velocity(currency_code="EUR", **window))
    assert found.opportunities == 7
    ask(lambda client: client.get_rule_effectiveness("score", 2, timeout=3))
    first, second = server.received
    assert first.request.window.since.seconds == NOON.timestamp()
    assert first.request.currency_code == "EUR"
    assert (second.request.kind, second.request.rule_set_version) == ("score", 2)
    assert not second.request.window.HasField("as_of")
    assert (first.seconds_left or 0) > 30 > (second.seconds_left or 99)


def test_rule_sets_are_listed_and_fetched(ask: Ask, server: StandIn) -> None:
    """All of a kind, one version, or the one that decides at an instant."""
    server.then(reply(ListRuleSetsResponse(rule_sets=[RuleSetSummary(kind="score", version=2)])))
    (found,) = ask(lambda client: client.list_rule_sets("score"))
    assert found.version == 2
    ask(lambda client: client.get_rule_set("score", 1))
    ask(lambda client: client.get_rule_set("score", as_of=NOON))
    _, by_version, by_instant = (call.request for call in server.received)
    assert (by_version.version, by_version.HasField("as_of")) == (1, False)
    assert (by_instant.HasField("version"), by_instant.as_of.seconds) == (False, NOON.timestamp())


def test_the_catalog_in_use_is_told_of(ask: Ask, server: StandIn) -> None:
    """Its digest and what came of the last change, without the list of all that is in it."""
    catalog = CatalogSummary(digest="ab", edition=3)
    server.then(reply(ListRuleSetsResponse(catalog=catalog)))
    assert ask(lambda client: client.get_catalog()) == catalog
    assert server.received[0].request.kind == "-"


def test_a_change_of_rules_is_judged(ask: Ask, server: StandIn) -> None:
    """The files go as they are, with a minute to be read in unless the call says otherwise."""
    files = {"qualify/v3.yaml": "ruleset: qualify\n"}
    server.then(reply(CheckRuleSetResponse(sound=True)))
    assert ask(lambda client: client.check_rule_set(files, ["qualify/v9.yaml"])).sound
    ask(lambda client: client.check_rule_set(files, timeout=3))
    first, second = server.received
    assert dict(first.request.files) == files
    assert list(first.request.deleted) == ["qualify/v9.yaml"]
    assert (first.seconds_left or 0) > 30 > (second.seconds_left or 99)


def test_a_release_is_asked_for_once(ask: Ask, server: StandIn) -> None:
    """A version from an instant on, or back to the one before; never repeated by the client."""
    named = {"because": "Agreed.", "by": "ann", "effective_from": NOON}
    server.then(reply(ReleaseRuleSetResponse(version=3, in_use=True)))
    assert ask(lambda client: client.release_rule_set("qualify", 3, **named)).in_use
    server.then(fail(grpc.StatusCode.UNAVAILABLE))
    with pytest.raises(Unavailable):
        ask(lambda client: client.release_rule_set("qualify", None, because="Bad.", by="bob"))
    first, second = (call.request for call in server.received)
    assert (first.version, first.effective_from.seconds) == (3, NOON.timestamp())
    assert (first.released_by, first.because, first.dry_run) == ("ann", "Agreed.", False)
    assert not second.HasField("version")
    assert not second.HasField("effective_from")


def test_health_is_asked_without_its_package(ask: Ask, server: StandIn) -> None:
    """The standard service understands the question, and its answer is understood."""
    assert ask(lambda client: client.is_serving()) is True
    server.then(reply(Int32Value(value=2)))
    assert ask(lambda client: client.is_serving("dealgate.v1.LeadService")) is False
    assert server.received[1].request.value == "dealgate.v1.LeadService"
    server.then(fail(grpc.StatusCode.NOT_FOUND))
    with pytest.raises(NotFound):
        ask(lambda client: client.is_serving("no.such.Service"))


def test_waiting_ends_when_the_server_serves(ask: Ask, server: StandIn) -> None:
    """It asks on while the server is away or not serving yet."""
    away, starting = fail(grpc.StatusCode.UNAVAILABLE), reply(Int32Value(value=2))
    server.then(*[away] * 6, starting)
    ask(lambda client: client.wait_until_ready())
    assert len(server.received) == 8


def test_waiting_for_nobody_ends_at_the_timeout() -> None:
    """If no server comes, the wait fails with the reason."""
    with Client("localhost:1") as client, pytest.raises(Unavailable):
        client.wait_until_ready(timeout=0.3)


def test_a_closed_client_says_that_it_is_closed(server: StandIn) -> None:
    """A call after the end is the caller's mistake, told in words and not as gRPC's ValueError."""
    with Client(server.target) as client:
        client.is_serving()
    with pytest.raises(ClientClosed):
        client.score_lead(lead=Lead(id="00Q1"))


async def test_a_closed_asyncio_client_says_that_it_is_closed(server: StandIn) -> None:
    """The same for asyncio, where gRPC would raise an error of its internals."""
    async with AsyncClient(server.target) as client:
        await client.is_serving()
    with pytest.raises(ClientClosed):
        await client.score_lead(lead=Lead(id="00Q1"))
