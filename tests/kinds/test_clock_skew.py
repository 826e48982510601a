"""Clocks of trackers differ from the server's: a little ahead is now (findings, leads L-27)."""

from typing import Any

import pytest
from google.protobuf import json_format

from dealgate.engine.native import NativeEngine
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.model.errors import BadQuestion
from dealgate.model.instants import SECOND, SKEW
from tests.kinds import build
from tests.shipped import catalog


def answer(kind: str, late: int) -> bytes:
    """Return what the newest version makes of an act that happened so late (ns) after as_of."""
    facts: Any = KINDS[kind].facts()
    json_format.ParseDict({"lead": {"id": "L1"}, "activities": [{"id": "a"}]}, facts)
    facts.activities[0].type = 1
    facts.activities[0].at.FromNanoseconds(build.AS_OF + late)
    ruleset = [one for one in catalog().all() if one.kind == kind][-1]
    verdict = judged(KINDS[kind], NativeEngine().prepare(ruleset), facts, build.AS_OF)
    return verdict.answer.outcome.SerializeToString(deterministic=True)


@pytest.mark.parametrize("kind", ["score", "qualify"])
@pytest.mark.parametrize("late", [1, 2 * SECOND, SKEW])
def test_an_act_of_a_clock_that_is_ahead_happens_now(kind: str, late: int) -> None:
    """It says what the same act says at as_of: bulk scoring loses no lead to two seconds."""
    assert answer(kind, late) == answer(kind, 0)


@pytest.mark.parametrize("kind", ["score", "qualify"])
def test_an_act_that_is_further_ahead_is_refused(kind: str) -> None:
    """Whatever clock says so is wrong, and the answer would be."""
    with pytest.raises(BadQuestion):
        answer(kind, SKEW + 1)
