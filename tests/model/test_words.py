"""Constants of enums as rules and lists write them."""

from google.protobuf.descriptor import EnumDescriptor

from dealgate.kinds import KINDS
from dealgate.model import words
from dealgate.v1 import advance_pb2, route_pb2


def test_a_constant_is_a_word_and_back() -> None:
    """Without the name of its enum, in lower case."""
    number = advance_pb2.ADVANCE_DECISION_REQUIRES_APPROVAL
    assert words.of(advance_pb2.AdvanceDecision, number) == "requires_approval"
    assert words.number_of(advance_pb2.AdvanceDecision, "requires_approval") == number
    assert words.of(route_pb2.RouteStep, route_pb2.ROUTE_STEP_UNSPECIFIED) == "unspecified"


def test_every_constant_repeats_the_name_of_its_enum() -> None:
    """What stands before UNSPECIFIED stands before all others."""
    files = {kind.facts.DESCRIPTOR.file for kind in KINDS.values()}
    enums: list[EnumDescriptor] = [e for f in files for e in f.enum_types_by_name.values()]
    assert enums
    for enum in enums:
        first = enum.values_by_number[0].name
        assert first.endswith("_UNSPECIFIED")
        assert all(v.name.startswith(first.removesuffix("UNSPECIFIED")) for v in enum.values)
