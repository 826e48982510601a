"""The position of a part of a rule set in its file, to the column of an operator."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dealgate.model.faults import Fault
from dealgate.model.rules import AnyRuleSet, Location
from dealgate.rulebook.document import Fields, Items, Node, Scalar, below
from dealgate.rulebook.narrowing import Whole, narrowed
from dealgate.rulebook.read_files import read_document
from dealgate.rulebook.written import constant, expression

Step = str | int


class Locations:
    """The file of one rule set, which was read without a fault before."""

    def __init__(self, folder: Path, ruleset: AnyRuleSet) -> None:
        """`folder` holds the rule sets."""
        self._ruleset = ruleset
        self._document = _document(folder, ruleset)

    def fault(
        self, path: Sequence[Step], offset: int | None, message: str, hint: str = ""
    ) -> Fault:
        """Return a fault at `offset` in the expression at `path`, or at what stands there.

        `path` is one of the rule set's, such as ("rules", 3, "when"). What is not in the file, such
        as the row of a table, is reported at the rule.
        """
        node = None if self._is_of_table(path) else self._at(path)
        if node is None:
            return Fault(self._nearest(path), message, hint)
        if offset is None:
            return node.fault(message, hint)
        written = (constant if path[0] == "constants" else expression)(node, "", [])
        return (written.fault(offset, message, hint)) if written else node.fault(message, hint)

    def _at(self, path: Sequence[Step]) -> Node | None:
        """Return the deepest node on the way that there is; None if its rule is not there."""
        section, *rest = path
        node = below(self._document, section)
        if section == "rules":
            index, *rest = rest
            node = self._rule(node, self._ruleset.rules[int(index)].id)
        for step in rest:
            inner = below(node, step)
            if inner is None:
                return node
            node = inner
        return node

    def _rule(self, rules: Node | None, id_: str) -> Node | None:
        for entry in rules.items if isinstance(rules, Items) else ():
            name = entry.get("id") if isinstance(entry, Fields) else None
            if isinstance(name, Scalar) and name.value == id_:
                return entry
        return None

    def _is_of_table(self, path: Sequence[Step]) -> bool:
        """Whether the path is that of a fact that a table tells."""
        if path[0] != "facts" or path[1] not in self._ruleset.facts:
            return False
        return self._ruleset.facts[str(path[1])].location.file != self._ruleset.location.file

    def _nearest(self, path: Sequence[Step]) -> Location:
        rules: Any = self._ruleset.rules
        if path[0] == "facts" and path[1] in self._ruleset.facts:
            return self._ruleset.facts[str(path[1])].location
        return rules[path[1]].location if path[0] == "rules" else self._ruleset.location


def _document(folder: Path, ruleset: AnyRuleSet) -> Node | None:
    """Return the tree of a version's file; of a scope's, with what it narrows."""
    own = read_document(folder, folder / ruleset.shelf / f"v{ruleset.version}.yaml", [])
    if ruleset.narrowing is None:
        return own
    path = folder / ruleset.kind / f"v{ruleset.narrowing.base}.yaml"
    base = read_document(folder, path, [])
    if not isinstance(own, Fields) or not isinstance(base, Fields):
        return own
    return narrowed(Whole(own, {}), Whole(base, {}), []).document
