"""What is wrong with one value is told once, whoever notices it."""

import pytest

from dealgate.judge import admitted
from dealgate.kinds import KINDS
from dealgate.model.errors import BadQuestion
from dealgate.v1.close_pb2 import CloseFacts
from tests.shipped import rulesets


@pytest.mark.parametrize("days", [-1, 2**31 - 1])
def test_a_value_beyond_a_bound_breaks_one_rule(days: int) -> None:
    """A notice of -1 days is negative and none of the notices that there are."""
    facts = CloseFacts()
    facts.contract.owner_expiration_notice_days = days
    with pytest.raises(BadQuestion) as raised:
        admitted(KINDS["close"], rulesets("close")[-1], facts, 0)
    fields = [violation.field for violation in raised.value.violations]
    assert fields.count("contract.owner_expiration_notice_days") == 1
    assert len(fields) == len(set(fields))
