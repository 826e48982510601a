"""Builds decisions, and journals of both kinds to put them in."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from dealgate.journal.limits import Limits
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.model.decision import Decision, Entity

JULY = 1_783_000_000_000_000_000  # nanoseconds since the epoch
MILLISECOND = 1_000_000

Journal: TypeAlias = MemoryJournal | SqliteJournal
Open: TypeAlias = Callable[..., Awaitable[Journal]]


def decision(number: int = 1, **changes: Any) -> Decision:
    """`decision(7, kind="score")`: the seventh, taken 7 ms into `JULY`, with what you change."""
    taken = JULY + number * MILLISECOND
    time = (taken // MILLISECOND).to_bytes(6, "big")
    facts = changes.get("facts", b"\x0a\x02L1" + number.to_bytes(4, "big"))
    values = {
        "id": str(UUID(bytes=time + b"\x70\x00\x80" + bytes(7))),
        "tenant": "default",
        "kind": "qualify",
        "entity": Entity("lead", f"L{number}"),
        "version": 2,
        "digest": hashlib.sha256(b"qualify@2").hexdigest(),
        "engine": "native/1",
        "as_of": taken,
        "decided_at": taken,
        "trace_id": hashlib.md5(facts, usedforsecurity=False).hexdigest(),
        "facts": facts,
        "answer": b"\x12\x10NURTURE " + facts,
        "outcome": "NURTURE",
        "fired": ("too-small", "asked-for-demo"),
        "key": None,
        "body_hash": hashlib.sha256(facts).digest(),
    }
    return Decision(**{**values, **changes})


@pytest.fixture(params=["memory", "sqlite"])
async def open_journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Open a journal, with `Limits` if you like; all are closed at the end of the test."""
    opened: list[Journal] = []

    async def open_one(**limits: Any) -> Journal:
        chosen = Limits(**limits)
        if request.param == "memory":
            opened.append(MemoryJournal(chosen))
        else:
            path = tmp_path / f"journal-{len(opened)}.db"
            opened.append(await SqliteJournal.open(path, chosen))
        return opened[-1]

    yield open_one
    for journal in opened:
        await journal.close()


@pytest.fixture
async def journal(open_journal: Open) -> Journal:
    """A journal of each kind with default limits."""
    return await open_journal()
