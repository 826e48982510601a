"""The table of statuses in docs/operations.md holds at rest, while leaving, and under load."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo

from dealgate.model.errors import DealgateError
from dealgate.v1 import decision_service_pb2, rule_service_pb2
from dealgate.wire.admission import Bounds
from tests.wire.conftest import NOW, House, Refusal, opened, refusal, refused_by
from tests.wire.samples import score
from tests.wire.test_calls import PATIENCE
from tests.wire.test_status import ERRORS

CODE = grpc.StatusCode
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| `([A-Z_]+)`(.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
# Told by gRPC itself or by `status_of` for what is no error of the tree.
OTHERS = {"CANCELLED", "INTERNAL"}


class Row(NamedTuple):
    """A line of the table."""

    code: str
    which: str
    when: str
    retry: str


def rows() -> list[Row]:
    """Return the table."""
    text = PAGE.read_text(encoding="utf-8")
    return [Row(*found) for found in ROW.findall(text[text.index("## Statuses") :])]


def has_delay(refused: Refusal) -> bool:
    """Tell whether the caller hears when to come back."""
    return any(detail.Is(RetryInfo.DESCRIPTOR) for detail in refused.status.details)


def test_the_table_names_every_status() -> None:
    """No error has a status that the page lacks, and the page none that nobody is told."""
    told = {code.name for _, code, _ in ERRORS}
    assert {row.code for row in rows()} == told | OTHERS


@pytest.mark.parametrize("is_leaving", [False, True])
async def test_every_error_is_told_as_the_table_says(*, is_leaving: bool) -> None:
    """The same in the lame duck as at rest; a delay comes where the table says to retry."""
    async with opened(replace(NOW, lame_duck=3600)) as house:
        leaving = asyncio.ensure_future(house.server.drain()) if is_leaving else None
        await asyncio.sleep(0)
        for number, (error, code, _) in enumerate(ERRORS):
            house.decider.errors[f"L{number}"] = error
            refused = await refusal(house.leads.ScoreLead(score(f"L{number}")))
            assert refused.code is code
            assert has_delay(refused) is _is_to_be_repeated(code, error)
        if leaving is not None:
            leaving.cancel()


def _is_to_be_repeated(code: grpc.StatusCode, error: DealgateError) -> bool:
    """Return what the table says of this error."""
    of_code = [row for row in rows() if row.code == code.name]
    named = [row for row in of_code if f"`{error.reason}`" in row.which]
    if not named and code is CODE.RESOURCE_EXHAUSTED:
        is_small = error.reason == "TOO_LARGE"
        named = [row for row in of_code if ("without `RetryInfo`" in row.which) is is_small]
    return (named or of_code)[0].retry == "yes"


async def test_a_server_that_left_sends_everybody_away() -> None:
    """Each service says UNAVAILABLE, whatever is asked, and none CANCELLED."""
    async with opened() as house:
        await house.server.drain()
        calls: list[Awaitable[object]] = [
            house.leads.ScoreLead(score()),
            house.decisions.BatchDecide(decision_service_pb2.BatchDecideRequest()),
            house.decisions.GetDecision(decision_service_pb2.GetDecisionRequest(decision_id="x")),
            house.rules.ListRuleSets(rule_service_pb2.ListRuleSetsRequest()),
            house.rules.CheckRuleSet(rule_service_pb2.CheckRuleSetRequest()),
        ]
        assert {(await refusal(call)).code for call in calls} == {CODE.UNAVAILABLE}


async def test_streams_are_sent_away_as_well() -> None:
    """A stream hears at the door that nothing is begun, before it sends anything."""
    async with opened() as house:
        house.server.admission.leave()
        stream = house.decisions.StreamDecide()
        assert await asyncio.wait_for(stream.code(), PATIENCE) is CODE.UNAVAILABLE


async def test_a_crowd_while_the_server_leaves() -> None:
    """More than it can do, and it leaves: answered, or sent away by a status of the table.

    Whoever is sent away under load hears when to come back.
    """
    listening = replace(NOW, max_streams=5000, grace=PATIENCE, bounds=Bounds(1e-6, least=8))
    async with opened(listening) as house:
        calls = [asyncio.ensure_future(_outcome(house, f"L{n}")) for n in range(400)]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        await house.server.drain()
        refused = [one for one in await asyncio.gather(*calls) if one is not None]
        repeated = {row.code for row in rows() if row.retry == "yes"}
        assert {one.code.name for one in refused} <= repeated
        assert all(has_delay(one) for one in refused if one.code is CODE.RESOURCE_EXHAUSTED)


async def test_a_flood_that_does_not_end_while_the_server_leaves() -> None:
    """Who still calls when gRPC stops is told UNAVAILABLE: nobody's call is CANCELLED."""
    told, answered, left = Counter[str](), asyncio.Event(), asyncio.Event()
    async with opened(replace(NOW, max_streams=5000, grace=0.7)) as house:

        async def caller(number: int) -> None:
            while not left.is_set():
                refused = await _outcome(house, f"L{number}")
                told["OK" if refused is None else refused.code.name] += 1
                answered.set()

        calling = [asyncio.ensure_future(caller(number)) for number in range(300)]
        await answered.wait()
        await house.server.drain()
        left.set()
        await asyncio.gather(*calling)
    assert told["UNAVAILABLE"] > 0
    assert set(told) <= {"OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE"}


async def _outcome(house: House, lead: str) -> Refusal | None:
    try:
        await house.leads.ScoreLead(score(lead))
    except grpc.aio.AioRpcError as error:
        return refused_by(error)
    return None
