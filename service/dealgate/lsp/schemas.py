"""What may be written at a path of a file, from the same schemas that any YAML editor uses."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from dealgate.desk.schema import (
    CASES,
    KIND,
    RELEASES,
    RULES,
    SIGNAL,
    SIGNAL_CASES,
    cases_text,
    schema_files,
    schema_text,
)
from dealgate.kinds import KINDS
from dealgate.lsp.outline import Path
from dealgate.model.kind import AnyKind
from dealgate.model.vocabulary import Vocabulary, vocabulary_of
from dealgate.rulebook.narrowing import NarrowingShape

Schema = Mapping[str, Any]
OF_ALL = {"kind": KIND, "signal": SIGNAL, "signal cases": SIGNAL_CASES}


@lru_cache(maxsize=1)
def _files() -> Mapping[str, Schema]:
    return {name: json.loads(text) for name, text in schema_files(KINDS).items()}


def _made(kind: AnyKind, known: Vocabulary, name: str) -> Schema:
    """Return a schema of what is declared of a kind, or of a kind that is; it goes with that."""
    key = (name, kind.name)
    if key not in known.made:
        text = cases_text(kind) if name == CASES else schema_text({kind.name: kind})
        known.made[key] = json.loads(text)
    schema: Schema = known.made[key]
    return schema


class Shape:
    """The schema of one sort of file of one kind."""

    def __init__(self, sort: str, of: AnyKind | None, *, narrows: bool = False) -> None:
        """`sort` is "rules" or "cases" `of` a kind; what is of none is alike for all.

        Rules that `narrows` is said of are a scope's, which says where it decides.
        """
        self._head = NarrowingShape.model_json_schema() if narrows and sort == "rules" else None
        if of is None:
            self._root = self._schema = _files()[OF_ALL.get(sort, RELEASES)]
            return
        kind, known = of.name, vocabulary_of(of.facts.DESCRIPTOR.full_name)
        own = known is not None and (sort == "cases" or kind not in KINDS)
        if known is not None and own:
            self._schema = _made(of, known, CASES if sort == "cases" else RULES)
        else:
            self._schema = _files()[RULES if sort == "rules" else f"{kind}/{CASES}"]
        self._root = self._schema
        if sort == "rules":
            chosen = (part for part in self._schema["allOf"] if _chosen(part) == kind)
            self._root = next(chosen)["then"]

    def keys(self, path: Path) -> Mapping[str, str]:
        """Return the keys that may stand in what lies at `path`, and what each is for."""
        keys: dict[str, str] = {}
        for node in self._at(path):
            for name, below in node.get("properties", {}).items():
                keys.setdefault(name, self._description(below))
        return keys

    def values(self, path: Path) -> tuple[str, ...]:
        """Return the words that may stand at `path`, if they are a closed list."""
        values: dict[str, None] = {}
        for node in self._at(path):
            words = node.get("enum", [node["const"]] if "const" in node else [])
            words = ["true", "false"] if node.get("type") == "boolean" else words
            values |= dict.fromkeys(str(word) for word in words)
        return tuple(values)

    def description(self, path: Path) -> str:
        """Return what stands at `path` is for."""
        if not path:
            return ""
        said = self.keys(path[:-1]).get(str(path[-1]), "")
        # Keys that authors choose, such as a code below `recycle`, all stand for the same.
        said = said or next(filter(None, map(self._description, self._at(path))), "")
        is_chosen = not self.keys(path[:-1]) and not isinstance(path[-1], int)
        return self.description(path[:-1]) if is_chosen and not said else said

    def _description(self, node: Schema) -> str:
        texts = (schema.get("description", "") for schema in (node, *self._expanded(node)))
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
            for schema in node.get(part, ()):
                yield from self._expanded(schema)


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
