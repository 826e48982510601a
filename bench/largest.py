"""How long the largest question of each kind that stays on the event loop keeps others waiting.

`python -m bench.largest [BYTES]`: the first cases of each kind's newest released version, with each
of their lists repeated up to so many bytes. Prints what went aside and what stayed, the thread's
milliseconds, and how many microseconds an element cost; `aside/large.py` holds the largest.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dealgate.aside.large import LARGE_BYTES, is_large
from dealgate.decide import Decider
from dealgate.engine.native import NativeEngine
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.language.budget import Hurried, JudgedAside
from dealgate.language.cel import CelChecker
from dealgate.model.decision import Question
from dealgate.model.errors import DealgateError
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.checking import check_folder

CASES, DEEP, REPEATS = 6, 2, 3


def numbered(message: Any, number: int, depth: int = 0) -> None:
    """Give an element, and what it holds, ids of its own."""
    for field in message.DESCRIPTOR.fields:
        if field.name == "id" and not field.is_repeated:
            message.id = f"x{number}"
        elif field.message_type is None or field.is_repeated or depth >= DEEP:
            continue
        elif message.HasField(field.name):
            numbered(getattr(message, field.name), number, depth + 1)


def crowded(facts: Any, most: int) -> Iterator[tuple[str, int, Any]]:
    """Yield the facts with each of their lists repeated, and how many elements were added."""
    for field, elements in facts.ListFields():
        if not field.is_repeated or field.message_type is None or not len(elements):
            continue
        if field.message_type.GetOptions().map_entry:
            continue
        many = type(facts)()
        many.CopyFrom(facts)
        held, added = getattr(many, field.name), 0
        largest = max(element.ByteSize() for element in elements) + 16
        while many.ByteSize() + largest < most:
            held.add().CopyFrom(elements[added % len(elements)])
            numbered(held[-1], added)
            added += 1
        if added:
            yield field.name, added, many


async def taken(decider: Decider, question: Question) -> float | None:
    """Return the thread's seconds, the least of some; None: it is refused, or goes aside."""
    times = []
    for _ in range(REPEATS):
        begun = time.thread_time()
        try:
            with Hurried():
                await decider.decide(question)
        except (JudgedAside, DealgateError):
            return None
        times.append(time.thread_time() - begun)
    return min(times)


async def main(most: int) -> None:
    """Print a line for each list, and the worst of each kind."""
    catalog, files = check_folder(Path("rules"), KINDS, CelChecker())
    newest: dict[str, CaseFile] = {
        file.ruleset.kind: file for file in files if catalog.is_released(file.ruleset)
    }
    decider = Decider(KINDS, catalog, NativeEngine(), MemoryJournal())
    for kind, file in sorted(newest.items()):
        for case in file.cases[:CASES]:
            plain = await taken(decider, _question(file, case.facts, case.as_of)) or 0.0
            for name, added, many in crowded(case.facts, most):
                question = _question(file, many, case.as_of)
                if (seconds := await taken(decider, question)) is None:
                    continue
                where = "aside" if is_large(question) else "STAYS"
                each = (seconds - plain) / added * 1e6
                print(f"{where} {kind}.{name}: {added}, {seconds * 1e3:.1f} ms, {each:.0f} us each")


def _question(file: CaseFile, facts: Any, as_of: int) -> Question:
    ruleset = file.ruleset
    return Question(
        "", ruleset.kind, facts, as_of, as_of, version=ruleset.version, key=None, dry_run=True
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE_BYTES))
