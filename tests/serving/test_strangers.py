"""One tenant asks for what is another's, and hears what it would hear if there were no other."""

import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.v1 import decision_service_pb2 as pb
from dealgate.v1 import fact_service_pb2, result_pb2, score_pb2
from dealgate.v1.activity_pb2 import Activity, ActivityType
from dealgate.v1.lead_pb2 import Lead
from dealgate.wire.services import services
from tests.flows.newest import folder_of
from tests.serving.conftest import Process

METHODS = {method.full_name: method for service in services() for method in service.methods}
# What a request is made with: names in what acme has recorded, or of nothing.
Names: TypeAlias = Mapping[str, str]
THEIRS, NOBODYS = "L-theirs", "L-nobody"
NOON = Timestamp(seconds=1_780_000_000)


def scored(names: Names) -> Message:
    """Ask about a lead under a key."""
    request = score_pb2.ScoreLeadRequest()
    request.facts.lead.id = names["lead"]
    request.options.idempotency_key = names["key"]
    return request


def put(names: Names) -> Message:
    """Tell of a lead, as the second to do so."""
    facts = fact_service_pb2.EntityFacts(lead=Lead(id=names["lead"], email="a@b.example"))
    facts.idempotency_key = names["key"]
    return fact_service_pb2.PutFactsRequest(entities=[facts])


def happened(names: Names) -> Message:
    """Tell what a lead did."""
    activity = Activity(id=names["key"], at=NOON, type=ActivityType.ACTIVITY_TYPE_MEETING_BOOKED)
    told = fact_service_pb2.EntityActivity(entity=f"lead/{names['lead']}", activity=activity)
    return fact_service_pb2.AppendActivitiesRequest(activities=[told])


def resulted(names: Names) -> Message:
    """Tell what became of a decision."""
    won = result_pb2.ResultType.RESULT_TYPE_WON
    return result_pb2.RecordResultRequest(
        decision_id=names["id"], type=won, happened_at=NOON, recorded_by="crm"
    )


ASKED: Mapping[str, Callable[[Names], Message]] = {
    "DecisionService.GetDecision": lambda of: pb.GetDecisionRequest(decision_id=of["id"]),
    "DecisionService.ListDecisions": lambda of: pb.ListDecisionsRequest(
        entity=f"lead/{of['lead']}"
    ),
    "DecisionService.ExplainDecision": lambda of: _named("ExplainDecision", decision_id=of["id"]),
    "DecisionService.ReplayDecision": lambda of: _named("ReplayDecision", decision_id=of["id"]),
    "DecisionService.ExportSubject": lambda of: pb.ExportSubjectRequest(
        subject=f"lead/{of['lead']}"
    ),
    "DecisionService.EraseSubject": lambda of: _named(
        "EraseSubject", subject=f"lead/{of['lead']}", reason="r", erased_by="ann"
    ),
    "DecisionService.RecordResult": resulted,
    "FactService.GetFacts": lambda of: fact_service_pb2.GetFactsRequest(
        entity=f"lead/{of['lead']}", as_of=NOON
    ),
    "FactService.ListEntities": lambda _: fact_service_pb2.ListEntitiesRequest(type="lead"),
    "FactService.DeleteFacts": lambda of: fact_service_pb2.DeleteFactsRequest(
        entities=[f"lead/{of['lead']}"]
    ),
    "LeadService.ScoreLead": scored,
    "FactService.PutFacts": put,
    "FactService.AppendActivities": happened,
}
# What is another at each call.
OF_A_CALL = {"decision_id", "trace_id"}


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[grpc.Channel]:
    """A server that keeps facts, to which acme has told of a lead."""
    folder = tmp_path_factory.mktemp("strangers")
    process = Process(folder, DEALGATE_RULES=str(folder_of(folder, "score")), DEALGATE_FACTS="1")
    with grpc.insecure_channel(process.target) as channel:
        yield channel
    process.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def theirs(channel: grpc.Channel) -> Names:
    """Names of what acme has recorded."""
    names = {"lead": THEIRS, "key": "key-theirs", "id": ""}
    for name in ("FactService.PutFacts", "FactService.AppendActivities", "LeadService.ScoreLead"):
        code, reply = told(channel, "acme", name, names)
        assert code is grpc.StatusCode.OK, reply
    names["id"] = reply.header.decision_id
    code, reply = told(channel, "acme", "DecisionService.RecordResult", names)
    assert code is grpc.StatusCode.OK, reply
    return names


@pytest.mark.parametrize("name", ASKED)
def test_a_stranger_hears_the_same_of_theirs_as_of_nothing(
    channel: grpc.Channel, theirs: Names, name: str
) -> None:
    """Code, words, details, trailers and answers are those of what is not there, name for name."""
    nothing = {"lead": NOBODYS, "key": "key-nobody", "id": _other(theirs["id"])}
    heard = [
        _plain(told(channel, tenant, name, names), names)
        for tenant, names in (("beta", theirs), ("gamma", nothing))
    ]
    assert heard[0] == heard[1]
    assert "acme" not in str(heard)


def told(channel: grpc.Channel, tenant: str, name: str, names: Names) -> tuple[Any, Any]:
    """Return the code, and the answer or everything else that a caller hears."""
    method = METHODS[f"dealgate.v1.{name}"]
    path = f"/{method.containing_service.full_name}/{method.name}"
    call: Any = channel.unary_unary(path)
    try:
        data = call(
            ASKED[name](names).SerializeToString(),
            metadata=(("dealgate-tenant", tenant),),
            timeout=60,
        )
    except grpc.RpcError as error:
        refused: Any = error
        trailers = sorted((key, value) for key, value in refused.trailing_metadata() or ())
        return refused.code(), (refused.details(), trailers)
    return grpc.StatusCode.OK, GetMessageClass(method.output_type).FromString(data)


def _plain(heard: tuple[Any, Any], names: Names) -> str:
    """Return what was heard with names in place of what they stand for."""
    code, reply = heard
    if isinstance(reply, Message):
        _clear(reply)
    text = f"{code} {reply}"
    for name, value in names.items():
        text = text.replace(value, f"<{name}>")
    return text


def _clear(message: Message) -> None:
    """Take out what is another at each call."""
    for field, value in message.ListFields():
        is_instant = field.message_type == Timestamp.DESCRIPTOR
        if is_instant or field.name in OF_A_CALL:
            message.ClearField(field.name)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for part in value if field.is_repeated else (value,):
                _clear(part)


def _other(decision_id: str) -> str:
    return decision_id[:-1] + ("0" if decision_id[-1] != "0" else "1")


def _named(rpc: str, **fields: str) -> Message:
    request: Any = GetMessageClass(METHODS[f"dealgate.v1.DecisionService.{rpc}"].input_type)
    message: Message = request(**fields)
    return message
