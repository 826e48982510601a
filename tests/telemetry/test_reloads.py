"""The catalog in use, as operators see it on their boards."""

from dataclasses import dataclass, field

from dealgate.model.editions import Outcome, Reload
from dealgate.model.faults import Fault
from dealgate.model.rules import Location
from dealgate.telemetry.reloads import measured
from dealgate.telemetry.setup import Telemetry
from tests.telemetry.receiver import Receiver, attributes
from tests.wire.fakes import MemoryLive
from tests.wire.samples import NOON


@dataclass
class Points:
    """What a collector got."""

    receiver: Receiver
    names: list[str] = field(default_factory=list)

    def gauge(self, name: str) -> tuple[int, dict[str, object]]:
        """Return a gauge's last value with its attributes."""
        (point,) = self.receiver.metric(name).gauge.data_points
        return point.as_int, attributes(point.attributes)

    def counts(self, name: str) -> dict[object, int]:
        """Return a counter's values by its one attribute."""
        points = self.receiver.metric(name).sum.data_points
        return {next(iter(attributes(p.attributes).values())): p.as_int for p in points}


async def test_reloads_are_counted_and_the_catalog_is_named(
    telemetry: Telemetry, receiver: Receiver
) -> None:
    """Each outcome is counted; edition, digest and faults are what they are when it is asked."""
    live = MemoryLive()
    count = measured(telemetry.meter, live)
    for outcome in (Outcome.TAKEN, Outcome.REFUSED, Outcome.REFUSED):
        count(Reload(NOON, outcome, seconds=2))
    live.last = Reload(
        NOON, Outcome.REFUSED, [Fault(Location("rules/score/v3.yaml", 1, 1), "is wrong")] * 3
    )
    await telemetry.stop(20)
    points = Points(receiver)
    assert points.counts("dealgate.catalog.reloads") == {
        "taken": 1,
        "refused": 2,
        "reverted": 0,
    }
    times = receiver.metric("dealgate.catalog.reload.duration").histogram.data_points
    assert {(point.count, point.sum) for point in times} == {(1, 2), (2, 4)}
    assert points.gauge("dealgate.catalog.edition") == (1, {"dealgate.catalog.digest": f"{7:064x}"})
    assert points.gauge("dealgate.catalog.faults") == (3, {})
