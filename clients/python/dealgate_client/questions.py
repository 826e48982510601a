"""Questions and answers of any kind, for batches and streams."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias, Unpack

from dealgate_client.calls import Choices, decision_options, is_repeatable
from dealgate_client.errors import DealgateError
from dealgate_client.failures import refused
from dealgate_client.v1.advance_pb2 import AdvanceFacts, AdvanceStageResponse
from dealgate_client.v1.attribute_pb2 import AttributeFacts, AttributeRevenueResponse
from dealgate_client.v1.close_pb2 import CloseDealResponse, CloseFacts
from dealgate_client.v1.convert_pb2 import ConvertFacts, ConvertLeadResponse
from dealgate_client.v1.decision_pb2 import DecisionOptions
from dealgate_client.v1.decision_service_pb2 import Answer, DecideRequest, DecideResponse, Question
from dealgate_client.v1.forecast_pb2 import ForecastFacts, ForecastPipelineResponse
from dealgate_client.v1.handoff_pb2 import HandOffCustomerResponse, HandoffFacts
from dealgate_client.v1.health_pb2 import AssessHealthResponse, HealthFacts
from dealgate_client.v1.inspect_pb2 import InspectFacts, InspectPipelineResponse
from dealgate_client.v1.qualify_pb2 import QualifyFacts, QualifyLeadResponse
from dealgate_client.v1.quota_pb2 import QuotaFacts, TrackQuotaResponse
from dealgate_client.v1.recognize_pb2 import RecognizeFacts, RecognizeRevenueResponse
from dealgate_client.v1.route_pb2 import RouteFacts, RouteLeadResponse
from dealgate_client.v1.score_pb2 import ScoreFacts, ScoreLeadResponse
from dealgate_client.v1.verify_pb2 import VerifyFacts, VerifyLeadResponse
from dealgate_client.values import properties

Facts: TypeAlias = (
    ConvertFacts
    | RouteFacts
    | VerifyFacts
    | ScoreFacts
    | QualifyFacts
    | AdvanceFacts
    | AttributeFacts
    | CloseFacts
    | ForecastFacts
    | RecognizeFacts
    | QuotaFacts
    | InspectFacts
    | HandoffFacts
    | HealthFacts
)
Response: TypeAlias = (
    ConvertLeadResponse
    | RouteLeadResponse
    | VerifyLeadResponse
    | ScoreLeadResponse
    | QualifyLeadResponse
    | AdvanceStageResponse
    | AttributeRevenueResponse
    | CloseDealResponse
    | ForecastPipelineResponse
    | RecognizeRevenueResponse
    | TrackQuotaResponse
    | InspectPipelineResponse
    | HandOffCustomerResponse
    | AssessHealthResponse
    | DecideResponse
)
Result: TypeAlias = Response | DealgateError

# The field of a question by the type of its facts, read off the contract: a new kind adds itself.
FIELDS: Final = {
    type(getattr(Question(), kind.name).facts): kind.name
    for kind in Question.DESCRIPTOR.fields
    if kind.name != "declared"
}


def question(facts: Facts, **choices: Unpack[Choices]) -> Question:
    """Return the question that `facts` are about: `question(ScoreFacts(lead=...), explain=True)`.

    Its idempotency key is given here, so asking the same question again is safe.
    """
    asked = Question()
    request = getattr(asked, FIELDS[type(facts)])
    request.facts.CopyFrom(facts)
    request.options.CopyFrom(decision_options(choices))
    return asked


def declared(kind: str, facts: Mapping[str, object], **choices: Unpack[Choices]) -> Question:
    """Return the question to a kind by its name: `declared("discount", {"quote": {...}})`."""
    return Question(declared=decide_request(kind, facts, decision_options(choices)))


def decide_request(
    kind: str, facts: Mapping[str, object], options: DecisionOptions
) -> DecideRequest:
    """Return the request of `Decide`. Raises as `properties` does."""
    return DecideRequest(kind=kind, facts=properties(facts), options=options)


def all_repeatable(questions: Iterable[Question]) -> bool:
    """Tell whether asking all of them twice decides each once."""
    return all(_repeatable(asked) for asked in questions)


def _repeatable(asked: Question) -> bool:
    kind = asked.WhichOneof("question")
    return kind is None or is_repeatable(getattr(asked, kind).options)


def results(answers: Iterable[Answer]) -> list[Result]:
    """Return for each answer the response of the kind's call, or the error it would have raised."""
    return [_result(answer) for answer in answers]


def _result(answer: Answer) -> Result:
    kind = answer.WhichOneof("answer")
    if kind is None:
        return refused(answer.error)
    response: Response = getattr(answer, kind)
    return response
