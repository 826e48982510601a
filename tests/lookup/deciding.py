"""A decider on the shipped rules with a journal in memory, and questions for it."""

from itertools import count
from uuid import UUID

from google.protobuf.message import Message

from dealgate.decide import Decider
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.model.decision import Question
from dealgate.v1 import verify_pb2 as pb
from tests.kinds import build
from tests.shipped import ENGINE, catalog

_numbers = count(1)


def decider(journal: MemoryJournal) -> Decider:
    """Return a decider that records in `journal`."""
    return Decider(KINDS, catalog(), ENGINE, journal)


def question(facts: Message, **more: object) -> Question:
    """Return a question about `facts`, a millisecond after the one before."""
    number = next(_numbers)
    asked_at = build.AS_OF + number * 1_000_000
    time = (asked_at // 1_000_000).to_bytes(6, "big")
    values = {
        "id": str(UUID(bytes=time + b"\x70\x00\x80" + bytes(7))),
        "kind": "verify",
        "facts": facts,
        "as_of": asked_at,
        "asked_at": asked_at,
    }
    return Question(**{**values, **more})  # type: ignore[arg-type]


def outcome(answer: bytes) -> pb.VerifyOutcome:
    """Return the outcome of a recorded answer."""
    return pb.VerifyLeadResponse.FromString(answer).outcome
