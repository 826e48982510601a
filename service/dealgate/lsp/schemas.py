"""What may stand at a path of a file, from the same schemas that any YAML editor is given."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from dealgate.desk.schema import (
    CASES,
    RELEASES,
    RULES,
    SIGNAL,
    SIGNAL_CASES,
    cases_text,
    schema_files,
)
from dealgate.kinds import KINDS
from dealgate.lsp.outline import Path
from dealgate.model.kind import AnyKind
from dealgate.rulebook.narrowing import NarrowingShape

Schema = Mapping[str, Any]


@lru_cache(maxsize=1)
def _files() -> Mapping[str, Schema]:
    return {name: json.loads(text) for name, text in schema_files(KINDS).items()}


def _cases(kind: AnyKind) -> Schema:
    """Return the schema of cases whose facts have declared properties; it goes with those."""
    made = {} if kind.widening is None else kind.widening.vocabulary.made
    key = (CASES, kind.name)
    if key not in made:
        made[key] = json.loads(cases_text(kind))
    schema: Schema = made[key]
    return schema


class Shape:
    """The schema of one sort of file of one kind."""

    def __init__(self, sort: str, of: AnyKind | None, *, narrows: bool = False) -> None:
        """`sort` is "rules", "cases", "releases", or of signals, which are of no kind.

        Rules that `narrows` is said of are a scope's, which says where it decides.
        """
        self._head = NarrowingShape.model_json_schema() if narrows and sort == "rules" else None
        if of is None:
            name = SIGNAL_CASES if sort == "signal cases" else SIGNAL
            self._root = self._schema = _files()[name]
            return
        kind = of.name
        names = {"rules": RULES, "cases": f"{kind}/{CASES}", "releases": RELEASES}
        own = sort == "cases" and of.widening is not None
        self._schema = _cases(of) if own else _files()[names[sort]]
        self._root = self._schema
        if sort == "rules":
            chosen = (each for each in self._schema["allOf"] if _chosen(each) == kind)
            self._root = next(chosen)["then"]

    def keys(self, path: Path) -> Mapping[str, str]:
        """Return the keys that may stand in what lies at `path`, and what each is for."""
        found: dict[str, str] = {}
        for node in self._at(path):
            for name, below in node.get("properties", {}).items():
                found.setdefault(name, self._description(below))
        return found

    def values(self, path: Path) -> tuple[str, ...]:
        """Return the words that may stand at `path`, if they are a closed list."""
        found: dict[str, None] = {}
        for node in self._at(path):
            words = node.get("enum", [node["const"]] if "const" in node else [])
            words = ["true", "false"] if node.get("type") == "boolean" else words
            found |= dict.fromkeys(str(word) for word in words)
        return tuple(found)

    def description(self, path: Path) -> str:
        """Return what stands at `path` is for."""
        if not path:
            return ""
        return self.keys(path[:-1]).get(str(path[-1]), "")

    def _description(self, node: Schema) -> str:
        texts = (each.get("description", "") for each in (node, *self._expanded(node)))
        return next((str(text) for text in texts if text), "")

    def _at(self, path: Path) -> list[Schema]:
        roots = [self._root] if self._head is None else [self._root, self._head]
        nodes = [node for root in roots for node in self._expanded(root)]
        for step in path:
            below = [schemas for node in nodes for schemas in _below(node, step)]
            nodes = [schemas for node in below for schemas in self._expanded(node)]
        return nodes

    def _expanded(self, node: Schema) -> Iterator[Schema]:
        """Yield the node, or the alternatives that it stands for."""
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            yield from self._expanded(self._schema["definitions"][name])
        yield node
        for part in ("anyOf", "oneOf", "allOf"):
            for each in node.get(part, ()):
                yield from self._expanded(each)


def _chosen(branch: Schema) -> str:
    return str(branch["if"]["properties"]["ruleset"]["const"])


def _below(node: Schema, step: str | int) -> Iterator[Schema]:
    if isinstance(step, int):
        items = node.get("items")
        if isinstance(items, dict):
            yield items
        return
    known = node.get("properties", {})
    if step in known:
        yield known[step]
        return
    for pattern, below in node.get("patternProperties", {}).items():
        if re.search(pattern, step):
            yield below
    if isinstance(node.get("additionalProperties"), dict):
        yield node["additionalProperties"]
