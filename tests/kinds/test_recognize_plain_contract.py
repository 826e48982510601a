"""A plain contract has none of the faults that the checks of contracts look for."""

from random import Random
from typing import Any, cast

import pytest

from dealgate.kinds.recognize import RECOGNIZE
from dealgate.kinds.recognize.plain_contract import ALONE, OBSERVED, TERMS, TOLD, is_plain_contract
from dealgate.model.instants import DAY
from dealgate.model.soundness import is_sound
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds.random_contracts import Contracts
from tests.kinds.strange_facts import changed

AS_OF = 20_600 * DAY


def _plain(facts: pb.RecognizeFacts) -> pb.RecognizeFacts:
    """Take from a contract all that a plain one does not have."""
    kept = [(facts, TOLD), (facts.contract, TERMS), *((line, ALONE) for line in facts.lines)]
    for message, names in kept:
        for field, _ in message.ListFields():
            if field.name not in names:
                message.ClearField(cast("Any", field.name))
    for line in facts.lines:
        line.pattern = pb.RECOGNITION_PATTERN_RATABLE
        line.price.currency_code, line.price.units = "USD", abs(line.price.units)
        line.price.nanos = 0
        if line.standalone_price.HasField("observable"):
            observable = line.standalone_price.observable.units
            line.ClearField("standalone_price")
            line.standalone_price.observable.currency_code = "USD"
            line.standalone_price.observable.units = observable
        if not line.HasField("end") or not line.HasField("start"):
            line.start.CopyFrom(facts.periods[0].start)
            line.end.CopyFrom(facts.periods[-1].end)
    return facts


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_wrong_with_a_plain_contract(seed: int) -> None:
    """Whatever becomes of it: where one look finds nothing wrong, the checks find nothing."""
    random, contracts, seen = Random(f"contract {seed}"), Contracts(f"contract {seed}"), set()
    parameters: Any = None  # which no check of recognitions reads
    for _ in range(60):
        strange, as_of = changed(random, _plain(contracts.one()), AS_OF)
        facts = cast("pb.RecognizeFacts", strange)
        if is_sound(facts):
            plain = is_plain_contract(facts)
            seen.add(plain)
            assert not (plain and RECOGNIZE.check(facts, parameters, as_of))
    assert seen == {False, True}


def test_the_fields_of_a_plain_contract_are_in_the_contracts() -> None:
    """A name that is misspelt would leave all contracts to the checks."""
    for names, message in (
        (TOLD, pb.RecognizeFacts.DESCRIPTOR),
        (TERMS, pb.RevenueContract.DESCRIPTOR),
        (ALONE, pb.RevenueLine.DESCRIPTOR),
        (OBSERVED, pb.StandalonePrice.DESCRIPTOR),
    ):
        assert {field.name for field in message.fields} >= names
