"""Text that shows nothing is nothing, whatever the kind and wherever it stands.

Finding L-13: four definitions of "given" (`== ""`, `matches("[^ ]")`, `strip()`, presence) let
tabs and zero-width spaces pass for a next step, a reason, an account or an owner.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.decide import Decider
from dealgate.kinds import KINDS
from dealgate.model.decision import Question
from dealgate.model.errors import BadQuestion
from tests import shipped
from tests.unrecorded import question_of

BLANKS = (" ", "\t", "\u00a0", "\u200b", "\u3000", "\ufeff", "\n", "")


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_blank_is_missing(kind: str) -> None:
    """Each text fact of each kind's cases: blank, it is answered as if it had been left out."""
    decider = shipped.decider()
    walked = [*_walk(kind)]
    assert walked
    for number, (path, asked) in enumerate(walked):
        left_out = await _answer(decider, _with(asked, path, None))
        blank = BLANKS[number % len(BLANKS)]
        assert await _answer(decider, _with(asked, path, blank)) == left_out, (path, blank)


def _walk(kind: str) -> Iterator[tuple[tuple[str | int, ...], Question]]:
    """Yield each text field that a case of the newest rule set tells, with the first such case."""
    file = shipped.newest_cases(kind)
    seen: set[tuple[str, ...]] = set()
    for asked in (question_of(file.ruleset, case) for case in file.cases if case.error is None):
        for path in _texts(asked.facts):
            fields = tuple(step for step in path if isinstance(step, str))
            if fields not in seen:
                seen.add(fields)
                yield path, asked


def _texts(message: Message) -> Iterator[tuple[str | int, ...]]:
    for field, value in message.ListFields():
        if field.message_type is not None:
            if not field.is_repeated:
                yield from ((field.name, *path) for path in _texts(value))
            elif not field.message_type.GetOptions().map_entry:
                for index, one in enumerate(value):
                    yield from ((field.name, index, *path) for path in _texts(one))
        elif field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
            yield (field.name,)


def _with(asked: Question, path: tuple[str | int, ...], text: str | None) -> Question:
    facts = type(asked.facts)()
    facts.CopyFrom(asked.facts)
    holder: Any = facts
    for step in path[:-1]:
        holder = getattr(holder, step) if isinstance(step, str) else holder[step]
    if text is None:
        holder.ClearField(path[-1])
    else:
        setattr(holder, str(path[-1]), text)
    return dataclasses.replace(asked, facts=facts)


async def _answer(decider: Decider, asked: Question) -> object:
    try:
        return (await decider.decide(asked)).answer
    except BadQuestion as refused:
        return {one.field for one in refused.violations}
