"""The cases of a scope: those of the version that it narrows, with the scope's changes.

A scope is held to every case of its base. A case that it answers differently is replaced under the
same name, or left out. Findings that the base accepts are accepted of it too.
"""

from collections.abc import Iterator

from dealgate.model.faults import Fault
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.merging import merged

REMOVE = "remove"


def with_inherited(own: Node, base: Node, faults: list[Fault]) -> Node:
    """Return a scope's cases behind those of its base; faults are added."""
    if not isinstance(own, Fields) or not isinstance(base, Fields):
        return own
    mine = {_name(case): case for case in _items(own.get("cases"))}
    inherited = {_name(case): case for case in _items(base.get("cases"))}
    removed = {node.value.strip(): node for node in _names(own.get(REMOVE))}
    for name, node in removed.items():
        if name not in inherited:
            hint = did_you_mean(name, inherited)
            faults.append(node.fault(f"remove: there is no case '{name}' in the base", hint))
    kept = [mine.pop(name, case) for name, case in inherited.items() if name not in removed]
    fields = {key.value: (key, value) for key, value in own if key.value != REMOVE}
    for name in ("base", "accepted"):
        key, theirs, said = base.key(name), base.get(name), own.get(name)
        if key is not None and theirs is not None:
            fields[name] = (key, _together(theirs, said))
    key = own.key("cases") or base.key("cases")
    if key is not None:
        fields["cases"] = (key, Items(own.source, own.start, (*kept, *mine.values())))
    return Fields(own.source, own.start, tuple(fields.values()))


def _together(theirs: Node, said: Node | None) -> Node:
    if said is None:
        return theirs
    if isinstance(theirs, Items) and isinstance(said, Items):
        return Items(said.source, said.start, (*theirs.items, *said.items))
    return merged([theirs, said])


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Items) else ()


def _names(node: Node | None) -> Iterator[Scalar]:
    yield from (item for item in _items(node) if isinstance(item, Scalar))


def _name(case: Node) -> str:
    node = case.get("case") if isinstance(case, Fields) else None
    return node.value.strip() if isinstance(node, Scalar) else ""
