"""Samples: facts that were known at an instant, and what came of it; one JSON object a line.

    {"as_of": "2026-01-31T12:00:00Z", "facts": {"lead": {"id": "L1"}}, "converted": true}

Facts are in protobuf's JSON form. They must be those of the instant: whatever somebody filled in
afterwards knows the answer, and teaches nothing.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.source import Source

KEYS = {"as_of", "facts", "converted"}
FAULTS_MAX = 20
HOLDOUT = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """Facts at an instant (ns since the epoch), and whether they converted.

    Of a recorded decision also when it was taken, and when what it came to happened.
    """

    facts: Message
    as_of: int
    converted: bool
    decided_at: int | None = None
    happened_at: int | None = None


def read_samples(path: Path, kind: AnyKind) -> list[Sample]:
    """Return the samples in a file; raises RulebookFaults with what is wrong, line by line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulebookFaults([Source(str(path), "").fault(0, f"cannot be read: {error}")]) from None
    source, faults = Source(str(path), text), []
    samples = []
    for start, line in _lines(text):
        try:
            samples.append(_sample(json.loads(line), kind))
        except (ValueError, ParseError) as error:
            hint = 'write {"as_of": "2026-01-31T12:00:00Z", "facts": {…}, "converted": true}'
            faults.append(_fault(source, start, error, hint))
        if len(faults) == FAULTS_MAX:
            break
    if faults:
        raise RulebookFaults(faults)
    return samples


def divided(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Return samples to learn from and samples to judge by: two thirds and a third of all.

    Which is which follows from the facts alone, so that a second run divides alike and no sample
    is on both sides.
    """
    learn: list[Sample] = []
    judge: list[Sample] = []
    for sample in samples:
        digest = hashlib.sha256(sample.facts.SerializeToString(deterministic=True)).digest()
        (judge if digest[0] % HOLDOUT == 0 else learn).append(sample)
    return learn, judge


def divided_by_time(
    samples: Sequence[Sample], kind: AnyKind
) -> tuple[list[Sample], list[Sample]] | None:
    """Return samples to learn from, and the latest third of entities; None: no time passes.

    An entity is on one side, by when it was first seen. What was asked about the earlier ones once
    the later had begun is on neither: nobody could have learnt it by then.
    """
    entities = [str(kind.entity_of(sample.facts)) for sample in samples]
    first: dict[str, int] = {}
    for entity, sample in zip(entities, samples, strict=True):
        first[entity] = min(first.get(entity, sample.as_of), sample.as_of)
    begun = sorted(first.values())
    if not begun or begun[0] == begun[-1]:
        return None
    cut = begun[len(begun) * (HOLDOUT - 1) // HOLDOUT]
    pairs = list(zip(entities, samples, strict=True))
    judge = [sample for entity, sample in pairs if first[entity] >= cut]
    return [sample for _, sample in pairs if sample.as_of < cut], judge


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            yield start, line
        start += len(line)


def _sample(read: Any, kind: AnyKind) -> Sample:
    if not isinstance(read, dict) or set(read) != KEYS:
        raise ValueError(f"a sample has the keys {', '.join(sorted(KEYS))}, and no others")
    as_of = nanoseconds(str(read["as_of"]))
    if as_of is None:
        raise ValueError("as_of: this is not a UTC timestamp")
    if not isinstance(read["converted"], bool):
        raise ValueError("converted: this is neither true nor false")  # noqa: TRY004  # as the others
    if not isinstance(read["facts"], dict):
        raise ValueError("facts: this is not an object")  # noqa: TRY004  # as the others
    return Sample(kind.seen(ParseDict(read["facts"], kind.sent_facts())), as_of, read["converted"])


def _fault(source: Source, start: int, error: Exception, hint: str) -> Fault:
    message = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    offset = error.pos if isinstance(error, json.JSONDecodeError) else 0
    return source.fault(start + offset, message, hint)
