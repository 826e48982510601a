"""The position of a fact in a message of facts, and the facts with it changed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from dealgate.explain.reads import Fact
from dealgate.language.frame import is_present
from dealgate.model.fields import Held, put

Facts = TypeVar("Facts", bound=Message)
# The place behind the last element of a list, in a path: "activities[+]".
NEW = "[+]"


@dataclass(frozen=True, slots=True)
class Spot:
    """One fact of one message: "activities[2].type". `steps` are field names and positions."""

    path: str
    steps: tuple[str | int, ...]
    fact: Fact

    @property
    def is_new(self) -> bool:
        """Whether it is an element that is not there yet."""
        return self.steps[-1] == NEW

    @property
    def removable(self) -> bool:
        """Whether it is an element of a list, which is taken away rather than unknown."""
        return isinstance(self.steps[-1], int)

    def within(self, other: "Spot") -> bool:
        """Whether a change of `other` changes this one too."""
        return self.within_steps(other.steps)

    def within_steps(self, steps: tuple[str | int, ...]) -> bool:
        """As `within`, of the place that `steps` lead to."""
        return self.steps[: len(steps)] == steps


def spots(fact: Fact, facts: Message) -> Iterator[Spot]:
    """Yield the places of `fact`: one, or one for each element of the lists on its path."""
    for steps, _ in _locations(fact.path.split("."), facts, ()):
        yield Spot(_written(steps), steps, fact)


def additions(fact: Fact, facts: Message) -> Iterator[Spot]:
    """Yield the places for a new element of the list `fact`: one for each such list."""
    path = fact.path.removesuffix("[]")
    for steps, _ in _locations(path.split("."), facts, ()):
        yield Spot(f"{_written(steps)}{NEW}", (*steps, NEW), fact)


def read(spot: Spot, facts: Message) -> Held:
    """Return protobuf's value at the position; None if it is not known."""
    if spot.is_new:
        return None
    holder: Any = facts
    for step in spot.steps[:-1]:
        holder = holder[step] if isinstance(step, int) else getattr(holder, step)
    last = spot.steps[-1]
    if isinstance(last, int):
        return holder[last]
    field = holder.DESCRIPTOR.fields_by_name[last]
    return getattr(holder, last) if is_present(holder, field) else None


def changed(facts: Facts, changes: Iterable[tuple[Spot, Held]]) -> Facts:
    """Return a copy with each spot holding its value; None: not known, or taken from its list."""
    copy = type(facts)()
    copy.CopyFrom(facts)
    removals = []
    for spot, value in changes:
        if value is None and spot.removable:
            removals.append(spot)
        else:
            _put(copy, spot.steps, value)
    # From the back, so that the positions of those before stay what they are.
    for spot in sorted(removals, key=lambda removal: _positions(removal.steps), reverse=True):
        holder = _holder(copy, spot.steps)
        del holder[spot.steps[-1]]
    return copy


def _locations(
    path: Sequence[str], message: Message, above: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    step, rest = path[0], path[1:]
    name = step.removesuffix("[]")
    value = getattr(message, name)
    here: list[tuple[tuple[str | int, ...], Any]] = [((*above, name), value)]
    if step.endswith("[]"):
        here = [((*above, name, index), element) for index, element in enumerate(value)]
    for steps, inner in here:
        if rest:
            yield from _locations(rest, inner, steps)
        else:
            yield steps, inner


def _written(steps: Sequence[str | int]) -> str:
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".")


def _holder(message: Message, steps: Sequence[str | int]) -> Any:
    holder: Any = message
    for step in steps[:-1]:
        holder = holder[step] if isinstance(step, int) else getattr(holder, step)
    return holder


def _put(message: Message, steps: Sequence[str | int], value: Held) -> None:
    holder, last = _holder(message, steps), steps[-1]
    if last == NEW and isinstance(value, Message):
        put(holder.add(), value)
    elif last == NEW:
        holder.append(value)
    elif isinstance(last, int):
        if isinstance(value, Message):
            put(holder[last], value)
        else:
            holder[last] = value
    elif value is None:
        holder.ClearField(last)
    elif isinstance(value, Message):
        put(getattr(holder, last), value)
    else:
        setattr(holder, last, value)


def _positions(steps: Sequence[str | int]) -> tuple[tuple[str, int], ...]:
    return tuple(("", step) if isinstance(step, int) else (step, 0) for step in steps)
