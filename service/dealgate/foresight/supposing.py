"""Facts with some of them supposed to be otherwise: `lead.company.employees=250`."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from google.protobuf.message import Message

from dealgate.model.faults import Fault
from dealgate.model.fields import descriptor_of
from dealgate.rulebook.document import NULLS
from dealgate.rulebook.faults import RulebookFaults, did_you_mean
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

Facts = TypeVar("Facts", bound=Message)

ASSIGNMENT = re.compile(r"([a-z0-9_]+(?:\[\d+\])*(?:\.[a-z0-9_]+(?:\[\d+\])*)*)=(.*)", re.DOTALL)
STEP = re.compile(r"([a-z0-9_]+)|\[(\d+)\]")


class NotSupposed(Exception):
    """An assignment that cannot be read; the message says why."""


def supposed(facts: Facts, assignments: list[str]) -> Facts:
    """Return a copy of the facts with each assignment made, in order; raises NotSupposed.

    Values are written as in cases; `null` takes a fact away.
    """
    copy = type(facts)()
    copy.CopyFrom(facts)
    for assignment in assignments:
        match = ASSIGNMENT.fullmatch(assignment)
        if match is None:
            raise NotSupposed(f"{assignment}: write path=value, as lead.company.employees=250")
        _assign(copy, match[1], match[2].strip())
    return copy


def _assign(facts: Message, path: str, value: str) -> None:
    *above, last = list(_steps(path))
    if isinstance(last, int):
        raise NotSupposed(f"{path}: name a fact of the element, as activities[0].at")
    holder: Any = facts
    for step in above:
        holder = _below(holder, step, path)
    _known(holder, last, path)
    if value in NULLS:
        holder.ClearField(last)
        return
    made = _read(type(holder)(), f"{last}: {value}", path)
    holder.ClearField(last)
    holder.MergeFrom(made)


def _steps(path: str) -> Iterator[str | int]:
    for match in STEP.finditer(path):
        yield match[1] or int(match[2])


def _below(holder: Any, step: str | int, path: str) -> Any:
    if isinstance(step, str):
        if not isinstance(holder, Message):
            raise NotSupposed(f"{path}: say which element, as in activities[0].at")
        _known(holder, step, path)
        return getattr(holder, step)
    if isinstance(holder, Message) or step >= len(holder):
        raise NotSupposed(f"{path}: there is no element {step}")
    return holder[step]


def _known(holder: Any, name: str, path: str) -> None:
    if not isinstance(holder, Message):
        raise NotSupposed(f"{path}: say which element, as in activities[0].at")
    fields = descriptor_of(holder).fields_by_name
    if name not in fields:
        near = did_you_mean(name, fields)
        raise NotSupposed(f"{path}: {descriptor_of(holder).name} has no field '{name}'; {near}")


def _read(message: Message, text: str, path: str) -> Message:
    faults: list[Fault] = []
    document = read_yaml(Source("--set", text), faults)
    if document is not None:
        read_message(document, message, path, faults)
    if faults:
        raise RulebookFaults(faults)
    return message
