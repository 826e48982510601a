"""The typed decision RPCs, from request to question and from decision to response."""

import uuid
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.v1 import decision_pb2
from dealgate.v1.score_pb2 import ScoreLeadRequest
from dealgate.wire.asking import in_request
from dealgate.wire.entrance import decides
from dealgate.wire.services import decision_handlers, services
from tests.wire.conftest import House, raw, refusal
from tests.wire.fakes import SteppingClock
from tests.wire.samples import KINDS, NOON, SCORE, qualify, score

CONDITIONS = decision_pb2.ExplainLevel.EXPLAIN_LEVEL_CONDITIONS
RULES = decision_pb2.ExplainLevel.EXPLAIN_LEVEL_RULES


async def test_answer_is_sent_byte_for_byte(house: House) -> None:
    """The response on the wire is the recorded answer, unchanged."""
    call = raw(house, "LeadService/ScoreLead")
    assert await call(score().SerializeToString()) == house.records.kept[0].answer


async def test_each_rpc_asks_its_kind(house: House) -> None:
    """An RPC belongs to the kind whose request it takes."""
    await house.leads.ScoreLead(score())
    await house.leads.QualifyLead(qualify())
    assert [question.kind for question in house.decider.questions] == ["score", "qualify"]


def test_rpcs_are_found_in_the_contracts(house: House) -> None:
    """Every RPC with facts and options is a decision RPC of the kind that has its request."""
    handlers = decision_handlers({"score": SCORE}, lambda: house.decider, SteppingClock())
    assert set(handlers) == {"dealgate.v1.LeadService.ScoreLead"}
    every = {m.full_name for service in services() for m in service.methods if decides(m)}
    assert every > set(decision_handlers(KINDS, lambda: house.decider, SteppingClock()))
    assert "dealgate.v1.RevenueService.AttributeRevenue" in every
    assert "dealgate.v1.DecisionService.BatchDecide" not in every


async def test_plain_request_becomes_a_plain_question(house: House) -> None:
    """Without options, a question is judged at the instant it came in, and nothing is chosen."""
    request = score("L7")
    await house.leads.ScoreLead(request)
    (question,) = house.decider.questions
    assert question.facts == request.facts
    assert (question.as_of, question.asked_at, question.as_of_given) == (NOON, NOON, False)
    assert (question.version, question.key, question.tenant) == (None, None, "default")
    assert (question.explain, question.dry_run, question.violations) == (False, False, ())


async def test_options_reach_the_question(house: House) -> None:
    """What the caller chooses arrives: instant, version, key, explain level."""
    as_of = Timestamp(seconds=1_700_000_000, nanos=5)
    options: dict[str, Any] = {"as_of": as_of, "rule_set_version": 2, "explain": CONDITIONS}
    await house.leads.ScoreLead(score(idempotency_key="k 1", **options))
    (question,) = house.decider.questions
    assert (question.as_of, question.as_of_given) == (1_700_000_000_000_000_005, True)
    assert (question.version, question.key, question.explain) == (2, "k 1", True)
    assert question.violations == ()


async def test_epoch_is_an_instant_that_can_be_given(house: House) -> None:
    """An `as_of` of 1970-01-01, all of whose fields are zero, is not taken for none."""
    await house.leads.ScoreLead(score(as_of=Timestamp()))
    assert (house.decider.questions[0].as_of, house.decider.questions[0].as_of_given) == (0, True)


async def test_dry_run_reaches_the_question(house: House) -> None:
    """A dry run may carry an empty key, which counts as none."""
    await house.leads.ScoreLead(score(dry_run=True, idempotency_key="", explain=RULES))
    (question,) = house.decider.questions
    assert (question.dry_run, question.key, question.explain) == (True, None, False)
    assert question.violations == ()


async def test_decision_id_is_made_at_the_edge(house: House) -> None:
    """The question's UUIDv7 holds its own instant, and is the answer's decision id and trailer."""
    call = house.leads.ScoreLead(score())
    reply = await call
    (question,) = house.decider.questions
    assert uuid.UUID(question.id).int >> 80 == question.asked_at // 1_000_000
    assert reply.header.decision_id == question.id
    assert (await call.trailing_metadata())["x-decision-id"] == question.id


async def test_repeat_names_the_first_decision(house: House) -> None:
    """A repeated key returns the first decision's bytes, and its id in the trailer too."""
    first = await house.leads.ScoreLead(score(idempotency_key="k"))
    call = house.leads.ScoreLead(score(idempotency_key="k"))
    assert await call == first
    assert (await call.trailing_metadata())["x-decision-id"] == first.header.decision_id


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("options.idempotency_key", {"idempotency_key": ""}),
        ("options.idempotency_key", {"idempotency_key": "k" * 129}),
        ("options.idempotency_key", {"idempotency_key": "ü"}),
        ("options.idempotency_key", {"idempotency_key": "a\nb"}),
        ("options.idempotency_key", {"idempotency_key": "k", "dry_run": True}),
        ("options.as_of", {"as_of": Timestamp(seconds=-62_135_596_801)}),
        ("options.as_of", {"as_of": Timestamp(seconds=253_402_300_800)}),
        ("options.as_of", {"as_of": Timestamp(nanos=-1)}),
        ("options.as_of", {"as_of": Timestamp(nanos=1_000_000_000)}),
        ("options.rule_set_version", {"rule_set_version": 0}),
        ("options.rule_set_version", {"rule_set_version": -3}),
        ("options.explain", {"explain": 7}),
    ],
)
async def test_bad_option(house: House, field: str, options: dict[str, Any]) -> None:
    """Every option that cannot be is named, and the question goes on without it."""
    refused = await refusal(house.leads.ScoreLead(score(**options)))
    assert refused.fields == [field]
    (question,) = house.decider.questions
    assert (question.as_of, question.version, question.key) == (NOON, None, None)


@pytest.mark.parametrize("key", ["k", "k" * 128, " !~", "order/7:2026"])
async def test_good_key(house: House, key: str) -> None:
    """A key is 1 to 128 printable ASCII characters."""
    await house.leads.ScoreLead(score(idempotency_key=key))
    assert house.decider.questions[0].key == key


async def test_all_violations_come_at_once(house: House) -> None:
    """Violations of options and facts are named together, as paths in the request."""
    request = score("", rule_set_version=0, idempotency_key="", as_of=Timestamp(nanos=-1))
    refused = await refusal(house.leads.ScoreLead(request))
    assert sorted(refused.fields) == [
        "facts.lead.id",
        "options.as_of",
        "options.idempotency_key",
        "options.rule_set_version",
    ]


async def test_facts_are_required(house: House) -> None:
    """A request without facts is told so, together with what the facts would need."""
    refused = await refusal(house.leads.ScoreLead(ScoreLeadRequest()))
    assert refused.fields == ["facts", "facts.lead.id"]


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("lead.id", "facts.lead.id"),
        ("touches[3].at", "facts.touches[3].at"),
        ("options.as_of", "options.as_of"),
        ("facts", "facts"),
    ],
)
def test_paths_are_those_of_the_request(field: str, path: str) -> None:
    """A path in the facts is put below `facts`; one in the request stays as it is."""
    assert in_request(field) == path
