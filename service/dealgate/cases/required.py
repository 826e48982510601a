"""Which facts a kind does not let be missing, found out by taking them away from accepted facts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from dealgate.cases.knowing import Paths

Refuses = Callable[[Message, int], bool]


def required_paths(
    paths: Paths,
    lists: Mapping[str, Paths],
    accepted: Sequence[tuple[Message, int]],
    refuses: Refuses,
) -> Paths:
    """Return those of `paths` that no accepted facts can do without.

    `accepted` are facts with the instant to judge them at; a path is required if the kind
    `refuses` every one of them once what stands there is taken away. A path may begin with a
    variable that goes through `lists`.
    """
    return frozenset(path for path in paths if _is_required(path, lists, accepted, refuses))


def _is_required(
    path: str,
    lists: Mapping[str, Paths],
    accepted: Sequence[tuple[Message, int]],
    refuses: Refuses,
) -> bool:
    found = False
    for facts, as_of in accepted:
        bare = type(facts)()
        bare.CopyFrom(facts)
        if not _cleared(bare, path, lists):
            continue
        found = True
        if not refuses(bare, as_of):
            return False
    return found


def _cleared(facts: Message, path: str, lists: Mapping[str, Paths]) -> bool:
    """Take away what stands at `path`; tell whether anything stood there."""
    root, _, rest = path.partition(".")
    if root not in lists:
        return _clear(facts, path.split("."))
    elements = [each for above in lists[root] for each in _elements(facts, above.split("."))]
    return sum(_clear(element, rest.split(".")) for element in elements) > 0


def _clear(message: Message, steps: Sequence[str]) -> bool:
    *above, last = steps
    for step in above:
        if step not in message.DESCRIPTOR.fields_by_name:
            return False
        message = getattr(message, step)
    if last not in {field.name for field, _ in message.ListFields()}:
        return False
    message.ClearField(last)
    return True


def _elements(message: Message, steps: Sequence[str]) -> Iterator[Message]:
    items: Any = message
    for step in steps:
        if step not in items.DESCRIPTOR.fields_by_name:
            return
        items = getattr(items, step)
    yield from (each for each in items if isinstance(each, Message))
