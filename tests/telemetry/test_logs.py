"""Log lines: what they say, and that nobody waits for whoever reads them."""

import io
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator

import pytest

from dealgate.telemetry import names, setup
from dealgate.telemetry.events import Seldom, tell
from dealgate.telemetry.logs import Form, Lines, Logs, Records, begin, exported
from dealgate.telemetry.pipeline import Losses
from dealgate.telemetry.setup import ENDPOINT
from dealgate.telemetry.spans import Tracer
from tests.telemetry.receiver import Receiver, attributes
from tests.wire.test_calls import PATIENCE

SECRET = "ann.lee@example.com"
log = logging.getLogger("dealgate.test")


@pytest.fixture
def logged() -> Iterator[Callable[..., tuple[Logs, io.StringIO]]]:
    """Begin logging into a text; end it after the test."""
    begun: list[Logs] = []
    root = logging.getLogger()
    before = root.level

    def make(form: Form = "text", level: str = "info") -> tuple[Logs, io.StringIO]:
        stream = io.StringIO()
        begun.append(begin(level, form, Losses(), stream))
        return begun[-1], stream

    yield make
    for logs in begun:
        logs.close()
    root.setLevel(before)


def test_a_line_of_json(logged: Callable[..., tuple[Logs, io.StringIO]]) -> None:
    """A line is one object, and names event, attributes, trace and decision."""
    logs, stream = logged("json")
    with Tracer(lambda _: None).start("x") as span:
        span.subject_id = "the-decision"
        tell(names.EVENT_RULESET_ACTIVATED, "score@2 decides\nnow", {names.RULESET_NAME: "score"})
    logs.close()
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told.pop("time"))
    assert told.pop("process")
    assert told == {
        "level": "info",
        "logger": "dealgate",
        "message": "score@2 decides\nnow",
        "event": "dealgate.ruleset.activated",
        "attributes": {"dealgate.ruleset.name": "score"},
        "trace_id": span.trace_id_text,
        "span_id": span.span_id.hex(),
        "decision_id": "the-decision",
    }


def test_a_line_of_text(logged: Callable[..., tuple[Logs, io.StringIO]]) -> None:
    """Text is for people; trace and decision stand at its end."""
    logs, stream = logged("text", "warning")
    log.info("not told")
    with Tracer(lambda _: None).start("x") as span:
        log.warning("told")
    logs.close()
    assert re.fullmatch(
        rf"[\d: ,-]+ WARNING told trace_id={span.trace_id_text} span_id=\w{{16}}\n",
        stream.getvalue(),
    )


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_exception_has_no_message(
    logged: Callable[..., tuple[Logs, io.StringIO]], form: Form
) -> None:
    """Where it came from is told; what it says may hold a fact."""
    logs, stream = logged(form)
    try:
        int(SECRET)
    except ValueError:
        log.exception("went wrong")
    logs.close()
    assert "ann.lee" not in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()
    assert "builtins.ValueError" in stream.getvalue()


class Stuck(io.StringIO):
    """Nobody reads it until somebody does."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = threading.Event()

    def write(self, text: str) -> int:
        """Wait for a reader."""
        self.reader.wait(PATIENCE)
        return super().write(text)


def test_a_stuck_reader_holds_up_nobody() -> None:
    """Lines that do not fit are dropped and counted, and whoever logs goes on."""
    losses, stream = Losses(), Stuck()
    logs = begin("info", "text", losses, stream)
    for _ in range(12_000):
        log.info("a line")
    assert 1000 < losses.dropped["log_lines", "queue_full"] <= 2000
    stream.reader.set()
    logs.close()


async def test_lines_go_out_over_otlp(
    logged: Callable[..., tuple[Logs, io.StringIO]], receiver: Receiver
) -> None:
    """A collector gets the same: severity, words, event, attributes and trace."""
    logs, _ = logged()
    telemetry = setup.start({ENDPOINT: receiver.endpoint})
    logs.also(telemetry.put_log)
    with telemetry.tracer.start("x") as span:
        tell(names.EVENT_RPC_SHED, "5 were sent away", {names.RPC_REJECTED_REASON: "full"}, 30)
    await telemetry.stop(PATIENCE)
    (record,) = receiver.events(names.EVENT_RPC_SHED)
    assert (record.severity_number, record.severity_text) == (13, "WARNING")
    assert record.body.string_value == "5 were sent away"
    assert attributes(record.attributes) == {"dealgate.rpc.rejected.reason": "full"}
    assert (record.trace_id, record.span_id) == (span.trace_id, span.span_id)


async def test_lines_of_a_consumer_go_out_too(receiver: Receiver) -> None:
    """From the beginning of its telemetry to its end; where nobody wants them nothing is added."""
    telemetry = setup.start({ENDPOINT: receiver.endpoint})
    before = list(logging.getLogger().handlers)
    with exported(telemetry.put_log):
        tell(names.EVENT_RPC_SHED, "within", level=30)
    with exported(None):
        assert logging.getLogger().handlers == before
    await telemetry.stop(PATIENCE)
    assert [record.body.string_value for record in receiver.logs] == ["within"]
    assert logging.getLogger().handlers == before


async def test_a_line_that_cannot_be_written_harms_nobody(
    logged: Callable[..., tuple[Logs, io.StringIO]], receiver: Receiver
) -> None:
    """Whoever logs words that do not fit their values goes on; both ways out say so instead."""
    logs, stream = logged("json")
    telemetry = setup.start({ENDPOINT: receiver.endpoint})
    logs.also(telemetry.put_log)
    for words, values, extra in (("%d of them", (SECRET,), {}), ("odd", (), {"x": object()})):
        odd = log.makeRecord(log.name, 20, "", 0, words, values, None, extra={"attributes": extra})
        for handler in logging.getLogger().handlers:
            if isinstance(handler, Lines | Records):  # pytest's own would raise
                handler.handle(odd)
    await telemetry.stop(PATIENCE)
    logs.close()
    told = [record.body.string_value for record in receiver.logs]
    assert told == ["a line of dealgate.test could not be written"] * 2
    assert "INFO a line of dealgate.test could not be written" in stream.getvalue()
    assert SECRET.encode() not in b"".join(receiver.raw)


def deep(depth: int) -> None:
    """Fail so many calls down."""
    if depth:
        deep(depth - 1)
    raise ValueError(SECRET)


async def test_where_an_exception_was_raised_leaves_whole(
    logged: Callable[..., tuple[Logs, io.StringIO]], receiver: Receiver
) -> None:
    """The innermost frames are the ones that somebody looks for."""
    logs, _ = logged()
    telemetry = setup.start({ENDPOINT: receiver.endpoint})
    logs.also(telemetry.put_log)
    try:
        deep(20)
    except ValueError:
        log.exception("went wrong")
    await telemetry.stop(PATIENCE)
    (record,) = receiver.logs
    told = attributes(record.attributes)
    assert "raise ValueError(SECRET)" in told["exception.stacktrace"]
    assert SECRET.encode() not in b"".join(receiver.raw)


def test_seldom() -> None:
    """Between two of a kind so much time passes, and what is held back is counted."""
    times = iter((0.0, 1.0, 9.0, 10.0, 11.0))
    seldom = Seldom(10, lambda: next(times))
    assert [seldom.may() for _ in range(5)] == [True, False, False, True, False]
    assert (seldom.taken(), seldom.taken()) == (3, 0)
