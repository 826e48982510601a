"""What is exported in which portions, and what is counted of the rest."""

import threading
from collections.abc import Callable, Sequence

import grpc
import pytest

from dealgate.telemetry import setup
from dealgate.telemetry.limits import BATCH_BYTES
from dealgate.telemetry.pipeline import Losses, Pipeline
from dealgate.telemetry.routes import Batching
from dealgate.telemetry.setup import ENDPOINT
from dealgate.telemetry.verdicts import ExportVerdict, Result
from tests.telemetry.receiver import Receiver
from tests.wire.test_calls import PATIENCE

TAKEN, LATER = Result(ExportVerdict.TAKEN), Result(ExportVerdict.LATER)


def joined(items: Sequence[bytes]) -> bytes:
    """Return a request that shows where its items end."""
    return b"|".join(items)


class Collector:
    """Answers as it is told, and keeps what it took."""

    def __init__(self, answer: Callable[[bytes], Result]) -> None:
        self.answer = answer
        self.taken: list[bytes] = []
        self.asked = threading.Event()

    def __call__(self, request: bytes, seconds: float) -> Result:
        """Answer."""
        assert seconds > 0
        self.asked.set()
        result = self.answer(request)
        if result.verdict is ExportVerdict.TAKEN:
            self.taken += request.split(b"|")
        return result


def delivered(
    collector: Collector, items: Sequence[bytes], batching: Batching | None = None
) -> Losses:
    """Put items into a pipeline, close it, and return what was lost."""
    losses = Losses()
    pipeline = Pipeline("traces", collector, joined, batching or Batching(delay=60), losses)
    for item in items:
        pipeline.put([item])
    pipeline.close(PATIENCE)
    return losses


def test_batches_are_bounded_in_items_and_bytes() -> None:
    """No export is longer than its bound, however long its items are."""
    sizes: list[int] = []

    def noted(request: bytes) -> Result:
        sizes.append(len(request))
        return TAKEN

    items = [b"x" * (BATCH_BYTES // 3)] * 10 + [b"y"] * 5000
    losses = delivered(Collector(noted), items)
    assert max(sizes) <= BATCH_BYTES + 1024
    assert losses.exported["traces"] == len(items)
    assert not losses.dropped


def test_what_is_too_large_is_split() -> None:
    """A collector that takes less gets less; only what is too large by itself is lost."""
    collector = Collector(
        lambda request: Result(ExportVerdict.TOO_LARGE) if len(request) > 100 else TAKEN
    )
    losses = delivered(collector, [b"x" * 30] * 50 + [b"y" * 200])
    assert collector.taken == [b"x" * 30] * 50
    assert dict(losses.dropped) == {("traces", "too_large"): 1}


def test_a_full_queue_drops_and_counts() -> None:
    """While a collector is slow, what does not fit is lost, counted, and nobody waits."""
    release = threading.Event()

    def slow(_: bytes) -> Result:
        release.wait(PATIENCE)
        return TAKEN

    losses, collector = Losses(), Collector(slow)
    pipeline = Pipeline("logs", collector, joined, Batching(10, 5, 60), losses)
    for _ in range(5):
        pipeline.put([b"x"])
    assert collector.asked.wait(PATIENCE)
    for _ in range(100):
        pipeline.put([b"x"])
    release.set()
    pipeline.close(PATIENCE)
    assert losses.dropped["logs", "queue_full"] == 90
    assert losses.exported["logs"] == 15


def test_what_a_full_batch_leaves_waits_for_more() -> None:
    """An export costs by its number: what came meanwhile is no export of its own."""
    sizes: list[int] = []
    first = threading.Event()

    def noted(request: bytes) -> Result:
        sizes.append(request.count(b"|") + 1)
        first.set()
        return TAKEN

    pipeline = Pipeline("traces", Collector(noted), joined, Batching(100, 5, 60), Losses())
    for _ in range(8):
        pipeline.put([b"x"])
    assert first.wait(PATIENCE)
    for _ in range(2):
        pipeline.put([b"x"])
    pipeline.close(PATIENCE)
    assert sizes == [5, 5]


def test_what_was_lost_is_still_known_after_recovery() -> None:
    """The count survives the gap, and every item is either taken or counted."""
    answers = iter([Result(ExportVerdict.REJECTED), TAKEN, Result(ExportVerdict.TAKEN, 2), TAKEN])
    losses = delivered(Collector(lambda _: next(answers)), [b"x"] * 20, Batching(100, 5, 60))
    assert dict(losses.dropped) == {("traces", "rejected"): 5, ("traces", "partial_success"): 2}
    assert losses.exported["traces"] == 13


def test_what_may_come_later_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collector that restarts costs nothing as long as there is time."""
    monkeypatch.setattr("dealgate.telemetry.pipeline.FIRST_RETRY", 0.001)
    answers = iter([LATER, LATER, TAKEN])
    collector = Collector(lambda _: next(answers))
    losses = delivered(collector, [b"x"])
    assert collector.taken == [b"x"]
    assert not losses.dropped


def test_of_many_those_that_fit_are_queued() -> None:
    """What is put together is not lost together."""
    losses, collector = Losses(), Collector(lambda _: TAKEN)
    pipeline = Pipeline("traces", collector, joined, Batching(3, 10, 60), losses)
    pipeline.put([b"a", b"b"])
    pipeline.put([b"c", b"d", b"e"])
    pipeline.close(1)
    pipeline.put([b"f"])
    assert collector.taken == [b"a", b"b", b"c"]
    assert dict(losses.dropped) == {("traces", "queue_full"): 2, ("traces", "shutdown"): 1}


def test_leaving_is_counted() -> None:
    """What could not be delivered before the end is counted as such."""
    losses = Losses()
    pipeline = Pipeline("traces", Collector(lambda _: LATER), joined, Batching(delay=60), losses)
    pipeline.put([b"x"])
    pipeline.close(0.01)
    assert dict(losses.dropped) == {("traces", "shutdown"): 1}


@pytest.fixture
def small() -> Receiver:
    """A collector that takes 20 KB at once."""
    return Receiver(limit=20_000)


async def test_a_collectors_limit_is_found(small: Receiver) -> None:
    """GRPC's "message too large" makes portions smaller: not one span is lost."""
    telemetry = setup.start({ENDPOINT: small.endpoint, "OTEL_METRICS_EXPORTER": "none"})
    for _ in range(300):
        span = telemetry.tracer.start("x")
        span.set("dealgate.rule.id", "r" * 400)
        span.end()
    await telemetry.stop(PATIENCE)
    assert len(small.spans) == 300
    assert not telemetry.losses.dropped
    small.close()


async def test_losses_are_metrics(receiver: Receiver) -> None:
    """Spans that a collector refuses are in the metrics that it takes."""
    telemetry = setup.start({ENDPOINT: receiver.endpoint})
    receiver.refuse = grpc.StatusCode.INVALID_ARGUMENT
    telemetry.tracer.start("x").end()
    assert await telemetry.stop(PATIENCE)
    receiver.refuse, receiver.lose = None, 3
    again = setup.start({ENDPOINT: receiver.endpoint}, losses=telemetry.losses)
    for _ in range(5):
        again.tracer.start("x").end()
    await again.stop(PATIENCE)
    assert telemetry.losses.dropped["traces", "rejected"] == 1
    assert telemetry.losses.dropped["traces", "partial_success"] == 3
    points = receiver.metric("dealgate.telemetry.dropped").sum.data_points
    assert [point.as_int for point in points if point.as_int] == [1]
