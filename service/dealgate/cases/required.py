"""Which facts are never missing: those that a kind demands, computes, or declares an absence of.

The first are found out by taking them away from accepted facts, the second by looking at what rules
saw of facts that were sent without them; of the third, `absent:` says what they mean then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from dealgate.cases.knowing import Paths
from dealgate.model.fields import along
from dealgate.model.vocabulary import property_at

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


def computed_paths(
    paths: Paths, lists: Mapping[str, Paths], seen: Sequence[tuple[Message, Message]]
) -> Paths:
    """Return those of `paths` that the kind computes whatever is sent.

    `seen` are facts as they were sent, and as rules saw them: a path is computed if no sent facts
    hold it and all that rules saw do.
    """
    return frozenset(path for path in paths if _is_computed(path, lists, seen))


def defaulted_paths(paths: Paths, lists: Mapping[str, Paths], facts: Descriptor) -> Paths:
    """Return those of `paths` that are declared with what their absence means."""
    return frozenset(path for path in paths if _has_default(path, lists, facts))


def _has_default(path: str, lists: Mapping[str, Paths], facts: Descriptor) -> bool:
    root, _, rest = path.partition(".")
    whole = [f"{above}.{rest}" for above in lists[root]] if root in lists else [path]
    return bool(whole) and all(_declares_absence(facts, value.split(".")) for value in whole)


def _declares_absence(facts: Descriptor, steps: list[str]) -> bool:
    fields = along(facts, steps)
    known = property_at(fields[-1].full_name) if len(fields) == len(steps) else None
    return known is not None and known[1].absent is not None


def _is_computed(
    path: str, lists: Mapping[str, Paths], seen: Sequence[tuple[Message, Message]]
) -> bool:
    is_computed = False
    for sent, known in seen:
        if any(_holds(location, rest) for location, rest in _locations(sent, path, lists)):
            return False
        locations = [*_locations(known, path, lists)]
        is_computed |= bool(locations)
        if not all(_holds(location, rest) for location, rest in locations):
            return False
    return is_computed


def _locations(
    facts: Message, path: str, lists: Mapping[str, Paths]
) -> Iterator[tuple[Message, list[str]]]:
    """Yield each message that the path goes out from, with the steps from there on."""
    root, _, rest = path.partition(".")
    if root not in lists:
        yield facts, path.split(".")
        return
    for above in lists[root]:
        yield from ((element, rest.split(".")) for element in _elements(facts, above.split(".")))


def _holds(message: Any, steps: Sequence[str]) -> bool:
    for step in steps:
        if not isinstance(message, Message) or step not in {
            field.name for field, _ in message.ListFields()
        }:
            return False
        message = getattr(message, step)
    return True


def _is_required(
    path: str,
    lists: Mapping[str, Paths],
    accepted: Sequence[tuple[Message, int]],
    refuses: Refuses,
) -> bool:
    is_required = False
    for facts, as_of in accepted:
        bare = type(facts)()
        bare.CopyFrom(facts)
        if not _cleared(bare, path, lists):
            continue
        is_required = True
        if not refuses(bare, as_of):
            return False
    return is_required


def _cleared(facts: Message, path: str, lists: Mapping[str, Paths]) -> bool:
    """Take away what stands at `path`; tell whether anything stood there."""
    root, _, rest = path.partition(".")
    if root not in lists:
        return _clear(facts, path.split("."))
    elements = [element for above in lists[root] for element in _elements(facts, above.split("."))]
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
    yield from (item for item in items if isinstance(item, Message))
