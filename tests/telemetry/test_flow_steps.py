"""Steps of a flow are told as what became of them: recorded, tried, or judged in vain."""

from collections.abc import Callable
from typing import Any

import pytest

from dealgate.decide import alone
from dealgate.model.decision import Decision, Evidence, Question
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.flow import FlowAnswer, FlowQuestion
from dealgate.telemetry.decisions import traced
from dealgate.telemetry.described import Describer
from dealgate.telemetry.flows import traced_flow
from dealgate.telemetry.setup import Telemetry
from tests.telemetry.receiver import Receiver, attributes
from tests.telemetry.test_decisions import decision, question
from tests.unrecorded import one_by_one
from tests.wire.samples import KINDS

FLOW = FlowQuestion("f", "process_lead", question().facts, ("a",), 0, 0)
Judge = Callable[[Question], Any]


async def judged(asked: Question) -> Decision:
    """Decide."""
    return decision(asked, Evidence())


async def kept(judge: Judge) -> FlowAnswer:
    """Record what was judged."""
    return FlowAnswer("f", b"", [await judge(question())], "end")


async def tried(judge: Judge) -> FlowAnswer:
    """Record nothing, as was asked."""
    return FlowAnswer("", b"", [await judge(question(dry_run=True))], "end")


async def repeated(judge: Judge) -> FlowAnswer:
    """Answer what was recorded before."""
    await judge(question())
    return FlowAnswer("f", b"", [decision(question(), Evidence())], "end", repeats=True)


async def judged_again(judge: Judge) -> FlowAnswer:
    """Lose a turn, and judge the same question again."""
    asked = question()
    await judge(asked)
    return FlowAnswer("f", b"", [await judge(asked)], "end")


async def failed(judge: Judge) -> FlowAnswer:
    """Fail in the second step."""
    await judge(question())
    raise BadQuestion([Violation("qualify", "is wrong")])


@pytest.mark.parametrize(
    ("run", "modes"),
    [
        (kept, {"live": 1}),
        (tried, {"dry_run": 1}),
        (repeated, {"discarded": 1}),
        (judged_again, {"discarded": 1, "live": 1}),
        (failed, {"discarded": 1}),
    ],
)
async def test_only_what_was_recorded_is_live(
    telemetry: Telemetry,
    receiver: Receiver,
    run: Callable[[Judge], Any],
    modes: dict[str, int],
) -> None:
    """In the metric and in spans, which name no decision that is in no journal."""
    judge = alone(traced(one_by_one(judged), Describer(KINDS), telemetry, None, in_flow=True))
    process = traced_flow(lambda _: run(judge), telemetry)
    if run is failed:
        with pytest.raises(BadQuestion):
            await process(FLOW)
    else:
        await process(FLOW)
    await telemetry.stop(20)
    points = receiver.metric("dealgate.decision.duration").histogram.data_points
    told = {attributes(p.attributes)["dealgate.decision.mode"]: p.count for p in points}
    assert told == modes
    (flow,) = receiver.named("process lead")
    steps = [attributes(span.attributes) for span in receiver.named("decide score")]
    assert {span.parent_span_id for span in receiver.named("decide score")} == {flow.span_id}
    assert sum("dealgate.decision.id" in step for step in steps) == modes.get("live", 0)
    assert len(receiver.spans) == len(steps) + 1 == sum(modes.values()) + 1
