"""The names that a kind.yaml declares, where others of its lines mention them."""

from collections.abc import Iterator, Mapping
from typing import Any

from dealgate.lsp.cursor import Spot
from dealgate.rulebook.document import plain
from dealgate.rulebook.kind_file import KIND, LEAF, LIST, NUMBERS
from dealgate.rulebook.kind_shapes import FOLDS
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

OPEN = "hold"  # usual for what nobody can tell


def words_of_kind(text: str, where: Spot) -> tuple[str, ...] | None:
    """Return the names that may be the value at a place; None if none of the file belongs there."""
    file = _read(text, where)
    fields = _fields(file)
    match where.path:
        case ("outcome", "word"):
            return _with_fold(fields, "gravest", "bands")
        case ("unknown",) | ("nothing",):
            word = _below(file, "outcome").get("word", "")
            return (*_of(fields.get(str(word))).get("values", ()), OPEN)
        case ("entity", "id"):
            return tuple(path for path, type_ in _paths(file) if type_ == "text")
        case ("outcome", "fields", _, "fold"):
            type_ = _of(fields.get(str(where.path[2]))).get(LEAF)
            return tuple(fold for fold, types in FOLDS.items() if type_ is None or type_ in types)
        case ("outcome", "fields", _, "whole"):
            return tuple(path for path, type_ in _paths(file) if type_ == "money")
        case ("outcome", "fields", _, "of") | ("outcome", "clamp", _):
            return _numbers(fields)
        case ("outcome", "fields", _, "among", _):
            return _with_fold(fields, "sum")
    return None


def keys_of_kind(text: str, where: Spot) -> tuple[str, ...]:
    """Return the names that may be keys at a place."""
    file = _read(text, where)
    match where.path:
        case ("limits",):
            return tuple(path for path, type_ in _paths(file) if type_ == LIST)
        case ("outcome", "clamp"):
            return _numbers(_fields(file))
        case ("outcome", "fields", field, "bands"):
            return tuple(_of(_fields(file).get(str(field))).get("values", ()))
    return ()


def _read(text: str, where: Spot) -> Mapping[str, Any]:
    """Return what is written, without the line that is being typed if that cannot be read."""
    start = text.rfind("\n", 0, where.start) + 1
    end = text.find("\n", where.start)
    without = text[:start] + ("" if end < 0 else text[end + 1 :])
    for words in (text, without):
        document = read_yaml(Source(KIND, words), [])
        if document is not None:
            return _of(plain(document))
    return {}


def _of(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}


def _below(file: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    node = file
    for key in keys:
        node = _of(node.get(key))
    return node


def _fields(file: Mapping[str, Any]) -> Mapping[str, Any]:
    return _below(file, "outcome", "fields")


def _with_fold(fields: Mapping[str, Any], *folds: str) -> tuple[str, ...]:
    return tuple(name for name, field in fields.items() if _of(field).get("fold") in folds)


def _numbers(fields: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, field in fields.items() if _of(field).get(LEAF) in NUMBERS)


def _paths(file: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the path of each fact that is no element's, with its type, LIST of a list of groups."""
    yield from _within(_below(file, "facts"), "")


def _within(group: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for name, node in group.items():
        fact, path = _of(node), f"{above}{name}"
        if isinstance(fact.get(LEAF), str):
            yield path, fact[LEAF]
        elif LIST in fact:
            yield path, LIST
        else:
            yield from _within(fact, f"{path}.")
