"""Which parameters are read while a case is judged: others it can hardly notice a change of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from dealgate.cases.mutation.claims import Path


class Watched:
    """A copy of parameters that notes which of them are read.

    A kind may keep what it made of equal parameters, and not read them again: a case that was not
    seen to read a parameter is unlikely to depend on it, no more.
    """

    def __init__(self, parameters: BaseModel) -> None:
        """Copy them; `parameters` is the copy."""
        self._types: dict[type, type] = {}
        self._paths: dict[int, Path] = {}
        self._fields: set[Path] = set()
        self._read: set[Path] = set()
        self.parameters = self._copied(parameters, ())

    @contextmanager
    def reading(self) -> Iterator[set[Path]]:
        """Yield the paths of what is read within the block."""
        self._read = set()
        yield self._read

    def is_read(self, path: Path, read: set[Path]) -> bool:
        """Tell whether the field that holds what stands at `path` is one of those read."""
        while path and path not in self._fields:
            path = path[:-1]
        return path in read

    def _copied(self, value: Any, path: Path) -> Any:
        if isinstance(value, BaseModel):
            return self._watched(value, path)
        if type(value) in {list, tuple}:
            return type(value)(self._copied(inner, (*path, n)) for n, inner in enumerate(value))
        if type(value) is dict:
            return {key: self._copied(inner, (*path, key)) for key, inner in value.items()}
        return value

    def _watched(self, model: BaseModel, path: Path) -> BaseModel:
        names = {name: field.alias or name for name, field in type(model).model_fields.items()}
        values = {name: self._copied(vars(model)[name], (*path, names[name])) for name in names}
        copy = type(model).model_construct(model.model_fields_set, **values)
        object.__setattr__(copy, "__class__", self._noting(type(model), names))
        self._paths[id(copy)] = path
        self._fields.update((*path, written) for written in names.values())
        return copy

    def _noting(self, type_: type[BaseModel], names: Mapping[str, str]) -> type:
        """Return the same type, but for that it notes which of its fields are read."""

        def read(model: BaseModel, name: str) -> Any:
            if name in names:
                self._read.add((*self._paths[id(model)], names[name]))
            return type_.__getattribute__(model, name)

        if type_ not in self._types:
            self._types[type_] = type(type_.__name__, (type_,), {"__getattribute__": read})
        return self._types[type_]
