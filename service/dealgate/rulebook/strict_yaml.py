"""YAML without its surprises: text stays text, nothing is shared, no key comes twice.

`NO` is Norway and `012` a postcode, because YAML's own idea of types is never asked. Tags, anchors,
aliases, merges, directives and second documents are refused, each at its place.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import yaml

from dealgate.model.faults import Fault
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.source import Source, refused
from dealgate.rulebook.syntax import cure, syntax_fault

MAX_DEPTH = 24


def read_yaml(source: Source, faults: list[Fault]) -> Node | None:
    """Return the one document in `source`; None if it cannot be read. Adds every fault found."""
    before = len(faults)
    if refused(source, faults):  # an editor's text has been screened by nobody
        return None
    try:
        node = _Builder(source, faults).document()
    except yaml.MarkedYAMLError as error:
        faults.append(syntax_fault(source, error))
        return None
    except _Refused as refusal:
        faults.append(refusal.fault)
        return None
    if node is None and len(faults) == before:
        faults.append(source.fault(0, "this file is empty", "write into it, or delete it"))
    return node


# A file with more was not written by hand; nobody reads so many.
FAULTS_MOST = 500


class _Refused(Exception):
    """Reading cannot go on after this fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Builder:
    """Builds the tree from the parser's events."""

    def __init__(self, source: Source, faults: list[Fault]) -> None:
        self._source = source
        self._faults = faults
        self._before = len(faults)
        self._events: Iterator[Any] = yaml.parse(source.text, Loader=yaml.CSafeLoader)
        self._inline = 0

    def document(self) -> Node | None:
        node = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._check_start(event, first=node is None)
                node = self._node(next(self._events), 0)
        return node

    def _check_start(self, event: Any, *, first: bool) -> None:
        if not first:
            hint = "keep one document a file: delete the `---`"
            raise self._refused(event, "a second YAML document begins here", hint)
        if event.version or event.tags:
            raise self._refused(event, "`%` directives are not used here", "delete the line")

    def _node(self, event: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            hint = "nothing in these files lies so deep: look for brackets too many"
            raise self._refused(event, f"this is nested deeper than {MAX_DEPTH} levels", hint)
        if isinstance(event, yaml.AliasEvent):
            message = "`*` is a YAML alias, and aliases are not used here"
            self._fault(event, message, "write the value out")
            return self._scalar(event, "", "")
        self._check_marks(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, event.value, event.style or "")
        self._inline += event.flow_style
        build = self._items if isinstance(event, yaml.SequenceStartEvent) else self._fields
        node = build(event.start_mark.index, depth)
        self._inline -= event.flow_style
        return node

    def _scalar(self, event: Any, value: str, style: str) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        return Scalar(self._source, start, end, value, style, inline=self._inline > 0)

    def _check_marks(self, event: Any) -> None:
        if event.tag is not None:
            message = (
                "YAML takes a value that starts with `!` for a tag, and tags are not used here"
            )
            meant = not event.tag.startswith("tag:") and isinstance(event, yaml.ScalarEvent)
            hint = cure(self._source, event.start_mark.index) if meant else "delete it"
            self._fault(event, message, hint)
        if event.anchor is not None:
            self._fault(event, "`&` is a YAML anchor, and anchors are not used here", "delete it")

    def _items(self, start: int, depth: int) -> Items:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Items(self._source, start, tuple(items))

    def _fields(self, start: int, depth: int) -> Fields:
        fields: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if self._usable(key, fields) and isinstance(key, Scalar):
                fields[key.value] = (key, value)
        return Fields(self._source, start, tuple(fields.values()))

    def _usable(self, key: Node, fields: dict[str, tuple[Scalar, Node]]) -> bool:
        if not isinstance(key, Scalar):
            self._add(key.fault("a key must be a word", "write `key: value`"))
            return False
        first = fields.get(key.value)
        if first is None:
            return True
        message = (
            f"the key '{key.value}' appears twice here, first on line {first[0].location.line}"
        )
        self._add(key.fault(message, "delete or rename one of them"))
        return False

    def _fault(self, event: Any, message: str, hint: str) -> None:
        self._add(self._source.fault(event.start_mark.index, message, hint))

    def _add(self, fault: Fault) -> None:
        if len(self._faults) - self._before >= FAULTS_MOST:
            raise _Refused(replace(fault, message="this file has too many faults; these are first"))
        self._faults.append(fault)

    def _refused(self, event: Any, message: str, hint: str = "") -> _Refused:
        return _Refused(self._source.fault(event.start_mark.index, message, hint))
