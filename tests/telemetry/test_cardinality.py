"""However many tenants, rules, kinds or series there are, what is told of them is bounded."""

from collections.abc import Callable, Iterable, Sequence

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from dealgate.decide import Outcomes
from dealgate.model.decision import Question
from dealgate.model.errors import NotServed
from dealgate.telemetry import names
from dealgate.telemetry.counts import RuleHits
from dealgate.telemetry.decisions import traced
from dealgate.telemetry.described import Describer
from dealgate.telemetry.events import DecisionEvents
from dealgate.telemetry.instruments import Labels, Meter
from dealgate.telemetry.limits import SERIES
from dealgate.telemetry.metric import Metric
from dealgate.telemetry.points import encoded
from dealgate.telemetry.scrape import Scraped
from dealgate.telemetry.setup import Telemetry
from dealgate.v1 import decision_service_pb2 as pb
from tests.telemetry.conftest import Watched
from tests.telemetry.receiver import Receiver, attributes
from tests.telemetry.test_decisions import question
from tests.wire.samples import KINDS, score

MANY = 10_000


def every(metric: Metric) -> Iterable[Labels]:
    """Yield so many series."""
    return ((f"x{number}", *(None for _ in metric.attributes[1:])) for number in range(MANY))


def counted(meter: Meter, metric: Metric) -> None:
    """Add to each series."""
    counter = meter.counter(metric)
    for labels in every(metric):
        counter.add(1, labels)


def observed(meter: Meter, metric: Metric) -> None:
    """Have each series read."""
    meter.observe(metric, lambda: [(1, labels) for labels in every(metric)])


def recorded(meter: Meter, metric: Metric) -> None:
    """Measure in each series."""
    histogram = meter.histogram(metric, (1.0,))
    for labels in every(metric):
        histogram.record(2.0, labels)


@pytest.mark.parametrize("fill", [counted, observed, recorded])
def test_every_way_to_measure_is_bounded(fill: Callable[[Meter, Metric], None]) -> None:
    """What comes beyond the limit is told together, marked as such, and none of it is lost."""
    histogram = fill is recorded
    metric = names.DECISION_DURATION if histogram else names.RULE_UNDECIDED
    meter = Meter(is_on=True)
    fill(meter, metric)
    (reading,) = meter.read()
    numbers = {labels: sum(cell.counts) for labels, cell in reading.buckets.items()}
    told = numbers if histogram else dict(reading.numbers)
    assert len(told) == SERIES + 1
    assert sum(told.values()) == MANY
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Scraped(meter, {}))
    assert b'otel_metric_overflow="true"' in generate_latest(registry)
    assert b"otel.metric.overflow" in b"".join(encoded(reading, 0, 1))


def test_rules_beyond_the_limit_are_counted_together() -> None:
    """As many as thousands of tables have: what fires beyond the limit is not lost."""
    meter = Meter(is_on=True)
    hits = meter.own(names.RULE_HITS, RuleHits)
    for number in range(MANY):
        hits.add(("score", 1, (f"rule_{number}",)))
    (reading,) = meter.read()
    assert len(reading.numbers) == SERIES + 1
    assert reading.numbers[None] == MANY - SERIES


async def test_a_caller_cannot_make_up_series(telemetry: Telemetry, receiver: Receiver) -> None:
    """Kinds that nobody serves are one, however many names callers give them, in every signal."""

    async def refuse(questions: Sequence[Question]) -> Outcomes:
        return [NotServed("x") for _ in questions]

    decide = traced(
        refuse,
        Describer(KINDS),
        telemetry,
        DecisionEvents(telemetry.later.records, slow=0),
    )
    for number in range(40):
        await decide([question(kind=f"canary-{number}-{'x' * 600}")])
    await decide([question(kind=f"canary-{number}") for number in range(40)])
    await telemetry.stop(20)
    assert {span.name for span in receiver.spans} == {"decide _OTHER", "decide batch"}
    (point,) = receiver.metric("dealgate.decision.duration").histogram.data_points
    assert point.count == 80
    assert attributes(point.attributes)["dealgate.ruleset.name"] == "_OTHER"
    assert len(receiver.events("dealgate.decision.evaluated")) == 80
    assert b"canary" not in b"".join(receiver.raw)


async def test_what_is_alike_is_counted_together(watched: Watched) -> None:
    """Each decision once, by tenant and rule: those of a pass, of a batch, and those that fail."""
    house = watched.house
    house.decider.errors = {"BOOM": ValueError("x")}
    for tenant in ("a", "a", "b"):
        metadata = (("dealgate-tenant", tenant),)
        asked = [pb.Question(score=score(lead)) for lead in ("A", "B", "BOOM")]
        request = pb.BatchDecideRequest(questions=asked)
        await house.decisions.BatchDecide(request, metadata=metadata)
        await house.leads.ScoreLead(score(dry_run=True), metadata=metadata)
    receiver = await watched.settle()
    told = {
        name: {
            tuple(attributes(point.attributes).values()): point.as_int
            for point in receiver.metric(f"dealgate.{name}").sum.data_points
        }
        for name in ("tenant.decisions", "rule.hits")
    }
    assert told["tenant.decisions"] == {("a",): 8, ("b",): 4}
    fired = {value for value in told["rule.hits"].values() if value}
    assert fired == {6}  # the live ones that were decided
