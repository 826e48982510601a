"""A kind of the tests' own, so that they depend on no shipped one."""

import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from google.type import date_pb2, decimal_pb2, money_pb2
from grpc_tools import protoc
from pydantic import BaseModel, ConfigDict, Field

from dealgate.model.decision import AnyEvidence, Conclusion
from dealgate.model.errors import Violation
from dealgate.model.kind import AnyKind, Kind
from dealgate.model.rules import AnyRuleSet
from dealgate.v1 import decision_pb2

HERE = Path(__file__).parent
IMPORTED = (date_pb2, decimal_pb2, money_pb2, decision_pb2)


def _messages() -> Mapping[str, type[Message]]:
    """Compile approve.proto into the pool that the checker reads; return its messages by name."""
    google = Path(str(files("google.type") / "money.proto")).parents[2]
    protobuf = Path(str(files("grpc_tools") / "_proto"))
    with tempfile.TemporaryDirectory() as folder:
        includes = [f"-I{path}" for path in (HERE, HERE.parents[1] / "proto", google, protobuf)]
        compiled = Path(folder) / "approve.bin"
        assert protoc.main(["", *includes, f"-o{compiled}", "approve.proto"]) == 0
        described = descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes()).file[0]
    pool: Any = descriptor_pool.Default()
    pool.AddSerializedFile(described.SerializeToString())
    file = pool.FindFileByName("approve.proto")
    return {
        name: message_factory.GetMessageClass(d) for name, d in file.message_types_by_name.items()
    }


MESSAGES = _messages()


class ApproveEffect(BaseModel):
    """What a rule of the test kind may claim."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["approve", "refuse"] | None = None
    points: int = Field(0, ge=-100, le=100)
    share: Decimal | None = None
    final: bool = False


class ApproveParameters(BaseModel):
    """What authors of the test kind may tune."""

    model_config = ConfigDict(extra="forbid")

    threshold: int = 10


def _check(facts: Any, parameters: ApproveParameters, _as_of: int) -> Sequence[Violation]:
    assert isinstance(parameters, ApproveParameters)
    return [] if facts.deal.id else [Violation("deal.id", "is required")]


def _conclude(_facts: Any, ruleset: AnyRuleSet, evidence: AnyEvidence, _as_of: int) -> Conclusion:
    fired = evidence.fired
    refused = any(f.rule.then.verdict == "refuse" for f in fired)
    points = sum(f.rule.then.points for f in fired)
    word = "refuse" if refused or points < ruleset.parameters.threshold else "approve"
    outcome = MESSAGES["ApproveOutcome"](
        verdict=f"VERDICT_{word.upper()}",
        reasons=[{"rule_id": f.rule.id, "points": f.rule.then.points} for f in fired],
        price=money_pb2.Money(currency_code="EUR", units=points, nanos=500_000_000),
        share=decimal_pb2.Decimal(value="0.20"),
        weight=0.1 + 0.2,
        **({"level": points} if points else {}),
    )
    return Conclusion(outcome, word)


APPROVE: AnyKind = Kind(
    name="approve",
    request=MESSAGES["ApproveRequest"],
    response=MESSAGES["ApproveResponse"],
    facts=MESSAGES["ApproveFacts"],
    effect=ApproveEffect,
    parameters=ApproveParameters,
    entity="deal/deal.id",
    check=_check,
    conclude=_conclude,
)
"""A kind that adds points up and refuses below a threshold."""
