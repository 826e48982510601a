"""Who waits and who was sent away, as operators see it on their boards."""

from collections import Counter
from dataclasses import dataclass, field

from dealgate.telemetry.load import observe_load
from dealgate.telemetry.setup import Telemetry
from tests.telemetry.receiver import Receiver
from tests.telemetry.test_reloads import Points


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
    assert points.counts("dealgate.rpc.rejected") == {"full": 5, "deadline": 1}
    assert points.gauge("dealgate.rpc.waiting") == (3, {})
    assert points.gauge("dealgate.rpc.in_flight") == (2, {})
