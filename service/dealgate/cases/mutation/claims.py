"""Every way to disturb what a rule claims, or a parameter: numbers, choices, codes, texts, lists.

Only what an author wrote is disturbed, and only into what an author may write.
"""

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from dealgate.cases.mutation.literals import MARK, digits_apart, neighbours

Path = tuple[str | int, ...]
# What a currency is changed to: a text unlike the others nearby.
CURRENCIES = ("USD", "EUR")
DIGITS, CAPITALS = string.digits, string.ascii_uppercase


@dataclass(frozen=True, slots=True)
class Alteration:
    """A model with one value changed: where, from what to what ("" if it was left out)."""

    path: Path
    before: str
    after: str
    model: BaseModel


def alterations(model: BaseModel) -> Iterator[Alteration]:
    """Yield every disturbance of what is set in `model` that is still valid."""
    written = model.model_dump(by_alias=True, exclude_unset=True)
    seen: list[BaseModel] = [model]
    for path, before, others in _locations(type(model), written, ()):
        for other in others:
            made = _validated(type(model), _with(written, path, other))
            if made is not None and made not in seen:
                seen.append(made)
                yield Alteration(path, _shown(before), _shown(other), made)
                break


class _Left:
    """Stands for a value that is left out."""


OUT = _Left()
Locations = Iterator[tuple[Path, Any, Iterator[Any]]]


def _locations(type_: Any, value: Any, path: Path) -> Locations:
    """Yield each value with what it may become: the first that is valid is taken."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _locations(_field(type_, key), inner, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _element_places(_element(type_), inner, (*path, index))
    elif value is not None:
        for others in _others(type_, value):
            yield path, value, chain(others, [OUT])


def _element_places(type_: Any, value: Any, path: Path) -> Locations:
    if isinstance(value, Mapping):
        yield path, value, iter([OUT])
        yield from _locations(type_, value, path)
        return
    # Where an element may be left out, that is enough: the list then says something else.
    for others in _others(type_, value):
        yield path, value, chain([OUT], others)


def _others(type_: Any, value: Any) -> Iterator[Iterator[Any]]:
    choices = _choices(type_)
    if value in choices and not isinstance(value, bool):
        position = choices.index(value)
        yield iter([*choices[position + 1 :], *choices[:position]])
    elif isinstance(value, str):
        yield _texts(value)
    elif isinstance(value, Decimal):
        for other in digits_apart(value):
            yield iter([other])
    else:
        for other in neighbours(value):
            yield iter([other])


def _texts(value: str) -> Iterator[str]:
    """Yield other texts; one of them will look like a code, a name or a word, as `value` does."""
    yield value + MARK
    for alphabet in (DIGITS, CAPITALS, string.ascii_lowercase):
        if value and value[-1] in alphabet:
            yield value[:-1] + alphabet[(alphabet.index(value[-1]) + 1) % len(alphabet)]
    yield from (value + letter for letter in ("X", "x", "1"))
    yield from CURRENCIES


def _field(type_: Any, key: str) -> Any:
    """Return the annotation of a model's field, or of a mapping's values; None: not known."""
    for part in _parts(type_):
        if isinstance(part, type) and issubclass(part, BaseModel):
            named = {field.alias or name: field for name, field in part.model_fields.items()}
            if key in named:
                return named[key].annotation
        arguments = get_args(part)
        if get_origin(part) is not None and len(arguments) == 2 and get_origin(part) is not Literal:
            return arguments[1]
    return None


def _element(type_: Any) -> Any:
    return next(
        (get_args(part)[0] for part in _parts(type_) if get_origin(part) in (list, tuple)), None
    )


def _choices(type_: Any) -> list[Any]:
    return [c for part in _parts(type_) if get_origin(part) is Literal for c in get_args(part)]


def _parts(type_: Any) -> Iterator[Any]:
    """Yield an annotation and those it is a union of, or annotates."""
    yield type_
    if get_origin(type_) is not Literal and not _is_container(type_):
        for part in get_args(type_):
            yield from _parts(part)


def _is_container(type_: Any) -> bool:
    return isinstance(get_origin(type_), type) and issubclass(
        get_origin(type_), (Mapping, Sequence)
    )


def _with(value: Any, path: Path, other: Any) -> Any:
    """Return the tree with what stands at `path` replaced, or left out."""
    if not path:
        return other
    step, *rest = path
    inner = _with(value[step], tuple(rest), other)
    if isinstance(value, Mapping):
        changed = {**value, step: inner}
        return {key: inner for key, inner in changed.items() if inner is not OUT}
    listed = [inner if index == step else element for index, element in enumerate(value)]
    return [element for element in listed if element is not OUT]


def _validated(type_: type[BaseModel], value: Any) -> BaseModel | None:
    try:
        return type_.model_validate(value)
    except ValidationError:
        return None


def _shown(value: Any) -> str:
    if value is OUT:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
