"""What a DMN model declares of its data: the type behind each path, and which are lists."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from xml.etree import ElementTree as ET

from dealgate.desk.dmn_xml import children

PATH = re.compile(r"[^\W\d][\w-]*(?:\.[^\W\d][\w-]*)*")
REST = re.compile(r"(?:\.[^\W\d][\w -]*)*")  # of a path, behind the name of what is declared
ANY = "Any"


class Type(NamedTuple):
    """What a value is: its base type (`number`), or its parts, and whether it is a list."""

    base: str = ""
    is_list: bool = False
    parts: Mapping[str, ET.Element] = {}


class Declared:
    """The input data, decisions and types of one model."""

    def __init__(self, root: ET.Element) -> None:
        """`root` is that of the file."""
        self._items = {
            definition.get("name") or "": definition
            for definition in children(root, "itemDefinition")
        }
        self._types = {
            child.get("name") or "": _ref(child)
            for name in ("inputData", "decision")
            for child in children(root, name)
        }

    def is_path(self, text: str) -> bool:
        """Tell whether a text is the path of a fact; declared names may hold blanks and hyphens."""
        return PATH.fullmatch(text) is not None or self._name_in(text) is not None

    def of_path(self, path: str) -> Type:
        """Return the type of a path, as far as the model says it."""
        name = self._name_in(path)
        if name is None:
            return Type()
        type_ = self.of(self._types[name])
        for part in filter(None, path[len(name) :].split(".")):
            if part not in type_.parts:
                return Type()
            type_ = self._resolved(type_.parts[part], "")
        return type_

    def of(self, written: str) -> Type:
        """Return the type that a `typeRef` names."""
        return self._resolved(None, written)

    def _name_in(self, path: str) -> str | None:
        """Return the longest declared name that a path begins with."""
        names = [
            name
            for name in self._types
            if name and path.startswith(name) and REST.fullmatch(path, len(name))
        ]
        return max(names, key=len, default=None)

    def _resolved(self, item: ET.Element | None, ref: str) -> Type:
        is_list, seen = False, set[str]()
        while True:
            if item is None:
                item = self._items.get(ref, self._items.get(ref.rpartition(":")[2]))
            if item is None or ref in seen:
                base = ref.rpartition(":")[2]
                return Type("" if ref in seen or base == ANY else base, is_list)
            seen.add(ref)
            is_list = is_list or item.get("isCollection") == "true"
            parts = {
                component.get("name") or "": component
                for component in children(item, "itemComponent")
            }
            if parts:
                return Type("", is_list, parts)
            ref, item = (
                next(((reference.text or "") for reference in children(item, "typeRef")), ""),
                None,
            )
            ref = ref.strip()


def _ref(element: ET.Element) -> str:
    return next((variable.get("typeRef") or "" for variable in children(element, "variable")), "")
