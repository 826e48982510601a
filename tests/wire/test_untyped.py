"""Facts of a kind with code, sent as JSON: what is wrong is told by its path, and never quoted."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from dealgate.model.errors import BadQuestion
from dealgate.v1.qualify_pb2 import QualifyFacts
from dealgate.wire.untyped import read_untyped

SECRET = "Ann Lee at x.y"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"lead": {"seniority": SECRET}}, "facts.lead.seniority"),
        ({"lead": {"email": 5}}, "facts.lead.email"),
        ({"lead": {SECRET: 1}}, "facts.lead"),
        ({SECRET: 1}, "facts"),
        ({"lead": SECRET}, "facts.lead"),
        ({"activities": [{}, {"count": SECRET}]}, "facts.activities[1].count"),
        ({"activities": [{"at": SECRET}]}, "facts.activities[0].at"),
        ({"activities": SECRET}, "facts.activities"),
        ({"lead": {"company": {"employees": 1e308}}}, "facts.lead.company.employees"),
        ({"bant": {"timeline": {"days": 1.5}}}, "facts.bant.timeline.days"),
        ({"lead": {"properties": {"x": float("nan")}}}, "facts"),
        ({"scores": {"fit": float("inf")}}, "facts"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_path(facts: dict[str, Any], field: str) -> None:
    """Finding SEC-16's kind: protobuf quotes values, and raises for numbers that JSON has not."""
    sent = Struct()
    sent.update(facts)
    with pytest.raises(BadQuestion) as refused:
        read_untyped(sent, QualifyFacts())
    assert refused.value.violations[0].field == field
    assert "Ann" not in str(refused.value)


def test_a_field_that_is_not_there_is_told_with_those_that_are() -> None:
    """The cure: a field is misspelt more often than not."""
    sent = Struct()
    sent.update({"scores": {"fitt": 1}})
    with pytest.raises(BadQuestion, match="its fields are: fit, engagement, composite"):
        read_untyped(sent, QualifyFacts())
