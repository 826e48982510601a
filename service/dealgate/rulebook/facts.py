"""A file of facts, written as cases write theirs under `facts:`."""

import re
from pathlib import Path

from google.protobuf.message import Message

from dealgate.model.errors import Violation
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.document import Fields, Items, Node
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.source import read_source
from dealgate.rulebook.strict_yaml import read_yaml

STEP = re.compile(r"([a-z0-9_]+)|\[(\d+)\]", re.ASCII)


class FactsFile:
    """Facts with the places where each of them stands."""

    def __init__(self, path: Path, kind: AnyKind) -> None:
        """Read the file; raises RulebookFaults with everything wrong in it."""
        faults: list[Fault] = []
        source = read_source(path, path.as_posix(), faults)
        document = None if source is None else read_yaml(source, faults)
        self.facts: Message = kind.facts()
        if document is not None:
            read_message(document, self.facts, "facts", faults)
        if faults or document is None:
            raise RulebookFaults(faults)
        self._document: Node = document

    def fault(self, violation: Violation) -> Fault:
        """Return a violation at the place of its fact, or of what it should stand in."""
        node = self._document
        for match in STEP.finditer(violation.field):
            inner = _step(node, match)
            if inner is None:
                break
            node = inner
        return node.fault(f"{violation.field}: {violation.description}")


def _step(node: Node, match: re.Match[str]) -> Node | None:
    name, index = match.groups()
    if name is not None:
        return node.get(name) if isinstance(node, Fields) else None
    inside = isinstance(node, Items) and int(index) < len(node.items)
    return node.items[int(index)] if isinstance(node, Items) and inside else None
