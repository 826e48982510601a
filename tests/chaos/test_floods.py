"""Floods and hostile messages of one caller cost other callers nothing but time."""

from dealgate.kinds import KINDS
from dealgate.wire.services import services
from tests.chaos import frames
from tests.chaos.frames import CANCEL, DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, frame
from tests.chaos.victim import Caller, Victim, bystander, question
from tests.wire.test_outlines import length_delimited

MESSAGE_BYTES = 4_000_000
MEGABYTES = 100  # that one message of 4 MB may cost


def unharmed(caller: Caller) -> bool:
    """Tell whether the bystander was answered, each time."""
    return set(caller.codes) == {"OK"} and caller.codes["OK"] > 0


def test_streams_that_never_speak(victim: Victim, *, thorough: bool) -> None:
    """Twenty thousand calls of one connection that are opened and say nothing.

    Bars: every other caller is answered; 100 MB.
    """
    count = 20_000 if thorough else 3_000
    before = victim.megabytes
    assert victim.port is not None
    with bystander(victim.local) as other, frames.opened(victim.port) as connection:
        block = frames.headers()
        opening = (frame(HEADERS, 2 * n + 1, block, END_HEADERS) for n in range(count))
        frames.flood(connection, opening)
        frames.answered(connection, set())
    assert unharmed(other)
    assert victim.megabytes - before < MEGABYTES


def test_rapid_reset(victim: Victim, *, thorough: bool) -> None:
    """Twenty thousand calls are asked and taken back at once, as fast as they can be sent.

    Bar: every other caller is answered.
    """
    count = 20_000 if thorough else 3_000
    assert victim.port is not None
    message = question()
    body = b"\0" + len(message).to_bytes(4, "big") + message
    with bystander(victim.local) as other, frames.opened(victim.port) as connection:
        block = frames.headers()
        frames.flood(
            connection,
            (
                frame(HEADERS, stream, block, END_HEADERS)
                + frame(DATA, stream, body, END_STREAM)
                + frame(RST_STREAM, stream, CANCEL)
                for stream in range(1, 2 * count, 2)
            ),
        )
    assert unharmed(other)


def test_calls_that_end_without_a_message(victim: Victim) -> None:
    """Without one, and with a part of one. Bar: each is answered."""
    assert victim.port is not None
    with frames.opened(victim.port) as connection:
        block = frames.headers()
        cut = frame(HEADERS, 3, block, END_HEADERS)
        cut += frame(DATA, 3, b"\0\0\0\0\x50xxxx", END_STREAM)
        connection.sendall(frame(HEADERS, 1, block, END_HEADERS | END_STREAM) + cut)
        assert frames.answered(connection, {1, 3}) == {1, 3}


LISTS = [
    (kind.name, field.name)
    for kind in KINDS.values()
    for field in kind.facts.DESCRIPTOR.fields
    if field.is_repeated and field.message_type is not None
]


def test_messages_of_nothing_but_elements(victim: Victim, *, thorough: bool) -> None:
    """Two million empty elements in four megabytes.

    Bars: refused, every other caller is answered, 100 MB for all kinds together.
    """
    chosen = LISTS if thorough else [("forecast", "opportunities"), ("verify", "candidates")]
    asking = Caller(victim.local)
    before = victim.megabytes
    with bystander(victim.local) as other:
        for kind, name in chosen:
            field = KINDS[kind].facts.DESCRIPTOR.fields_by_name[name]
            element = length_delimited(field.number, b"")
            crowd = element * (MESSAGE_BYTES // len(element) - 20)
            asking.ask(_path(kind), length_delimited(1, crowd), timeout=None)
    assert set(asking.codes) == {"INVALID_ARGUMENT"}
    assert unharmed(other)
    assert victim.megabytes - before < MEGABYTES


def _path(kind: str) -> str:
    request = KINDS[kind].request.DESCRIPTOR.full_name
    (path,) = (
        f"/{service.full_name}/{method.name}"
        for service in services()
        for method in service.methods
        if method.input_type.full_name == request
    )
    return path
