"""Names that parameters define: stages, pipelines, and whatever else facts refer to by name.

Which facts take them is found by giving the names others: what a kind then refuses was one of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

LEAST = 2  # names; one alone is nothing to choose from
SUFFIXES = ("zq", "ZQ", "9")  # some names must be small letters, or capitals, or may be digits
MOST = 60  # names that are given others one by one
Step = str | int
Place = tuple[Step, ...]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DefinedNames:
    """Names that stand together at `path`, each with its place below the parameters.

    `are_keys` tells that they name the parts of a mapping.
    """

    path: Place
    places: Mapping[str, Place]
    are_keys: bool = False

    @property
    def at(self) -> str:
        """Where they are defined, as an author names it: `parameters.stages`."""
        return ".".join(("parameters", *map(str, self.path)))

    def renamed(self, parameters: BaseModel) -> Mapping[frozenset[str], BaseModel]:
        """Return the parameters with all these names changed, or with one after the other.

        Some cannot be changed: other parameters mention them, as `default_pipeline` does.
        """
        every = self._changed(parameters, self.places)
        if every is not None:
            return {frozenset(self.places): every}
        names = self.places if len(self.places) <= MOST else ()
        changed = {frozenset({name}): self._changed(parameters, [name]) for name in names}
        return {names: each for names, each in changed.items() if each is not None}

    def _changed(self, parameters: BaseModel, names: Iterable[str]) -> BaseModel | None:
        for suffix in SUFFIXES:
            given = parameters.model_dump(mode="json")
            for name in names:
                self._change(given, name, name + suffix)
            try:
                return type(parameters).model_validate(given)
            except ValidationError:
                continue
        return None

    def _change(self, given: Document, name: str, new: str) -> None:
        *above, last = self.places[name]
        at: Any = given
        for step in above:
            at = at[step]
        if self.are_keys:
            parts = {new if key == name else key: part for key, part in at.items()}
            at.clear()
            at.update(parts)
        else:
            at[last] = new


def defined_names(parameters: BaseModel) -> Iterator[DefinedNames]:
    """Yield the names that stand together anywhere in the parameters."""
    yield from (
        each for each in _below((), parameters.model_dump(mode="json")) if len(each.places) >= LEAST
    )


def _below(path: Place, value: object) -> Iterator[DefinedNames]:
    if isinstance(value, dict):
        if path:
            yield DefinedNames(path, {key: (*path, key) for key in value}, are_keys=True)
        for key, part in value.items():
            yield from _below((*path, key), part)
    elif isinstance(value, list):
        yield from _listed(path, value)
        for index, part in enumerate(value):
            yield from _below((*path, index), part)


def _listed(path: Place, items: Sequence[object]) -> Iterator[DefinedNames]:
    """Yield the texts of a list, or those of its entries, by the key that they stand below."""
    columns: dict[str, dict[str, Place]] = {}
    for index, item in enumerate(items):
        if isinstance(item, str):
            columns.setdefault("", {})[item] = (*path, index)
        for key, part in item.items() if isinstance(item, dict) else ():
            if isinstance(part, str):
                columns.setdefault(key, {})[part] = (*path, index, key)
    for places in columns.values():
        if len(places) == len(items):  # what names entries is never there twice
            yield DefinedNames(path, places)
