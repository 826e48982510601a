"""Who waits and who was sent away, as operators see it on their boards."""

from collections import Counter
from dataclasses import dataclass, field

from dealgate.telemetry.counts import begin
from dealgate.telemetry.load import observe_load
from dealgate.telemetry.setup import Telemetry
from tests.telemetry.receiver import Receiver, attributes
from tests.telemetry.test_reloads import Points
from tests.wire.samples import ruleset


@dataclass
class Busy:
    """An admission with calls in every state."""

    waiting: int = 3
    in_flight: int = 2
    rejected: Counter[str] = field(default_factory=lambda: Counter(full=5, deadline=1))


async def test_what_is_sent_away_is_counted(telemetry: Telemetry, receiver: Receiver) -> None:
    """By why; and how many wait and are under way is what it is when it is asked."""
    observe_load(telemetry.meter, Busy())
    await telemetry.stop(20)
    points = Points(receiver)
    rejected = points.counts("dealgate.rpc.rejected")
    assert {reason: many for reason, many in rejected.items() if many} == {"full": 5, "deadline": 1}
    assert points.gauge("dealgate.rpc.waiting") == (3, {})
    assert points.gauge("dealgate.rpc.in_flight") == (2, {})


async def test_counters_begin_at_0(telemetry: Telemetry, receiver: Receiver) -> None:
    """What is known beforehand: Prometheus sees an increase only from a value there was before."""
    rules = ruleset()
    begin(telemetry.meter, [rules])
    observe_load(telemetry.meter, Busy(rejected=Counter(full=5)))
    await telemetry.stop(20)
    points = Points(receiver)
    assert points.counts("dealgate.rpc.rejected") == {
        **dict.fromkeys(("deadline", "expired", "bytes", "leaving"), 0),
        "full": 5,
    }
    for name in ("dealgate.rule.hits", "dealgate.rule.failed"):
        counted = {
            attributes(point.attributes)["dealgate.rule.id"]: point.as_int
            for point in receiver.metric(name).sum.data_points
        }
        assert counted == dict.fromkeys((rule.id for rule in rules.rules), 0)
    dropped = receiver.metric("dealgate.telemetry.dropped").sum.data_points
    assert {"traces", "metrics", "logs", "log_lines"} == {
        attributes(point.attributes)["dealgate.telemetry.signal"] for point in dropped
    }
    assert sum(point.as_int for point in dropped) == 0
