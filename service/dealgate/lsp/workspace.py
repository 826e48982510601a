"""What a question about a place in a file is answered from: the file, its names, its siblings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dealgate.kinds import KINDS
from dealgate.lsp.cursor import Spot, spot
from dealgate.lsp.files import File, Texts
from dealgate.lsp.names import NamedItem, Names, Types
from dealgate.lsp.outline import Entry, outline
from dealgate.lsp.schemas import Shape
from dealgate.lsp.signals import read_by
from dealgate.model.kind import AnyKind
from dealgate.rulebook.declaring import FolderKinds, folder_kinds
from dealgate.rulebook.document import Node
from dealgate.rulebook.kind_file import KIND
from dealgate.rulebook.properties import PROPERTIES
from dealgate.rulebook.source import Source
from dealgate.rulebook.strays import SIGNALS
from dealgate.rulebook.strict_yaml import read_yaml
from dealgate.signals.contexts import Contexts
from dealgate.signals.file_shapes import CONDITIONS

NARROWS = re.compile(r"^narrows: *(\d{1,6})\b", re.MULTILINE)


@dataclass(frozen=True)
class Desk:
    """One open file and everything an answer about it may need."""

    file: File
    text: str
    texts: Texts
    types: Types

    @property
    def kind(self) -> AnyKind:
        """The kind whose rules these are; KeyError if nobody could tell yet what it is."""
        if self.file.kind in KINDS:
            return self.kinds[self.file.kind]
        path = self.file.root / self.file.kind / KIND
        if self.file.kind in self.kinds.declared:
            self.types.declared[path] = self.kinds[self.file.kind]
        return self.types.declared[path]

    @property
    def is_known(self) -> bool:
        """Whether it is known what may stand in the file: facts of its kind among them."""
        if not self._is_of_facts or self.file.kind in KINDS:
            return True
        path = self.file.root / self.file.kind / KIND
        return self.file.kind in self.kinds.declared or path in self.types.declared

    @property
    def _is_of_facts(self) -> bool:
        return self.file.sort in {"rules", "cases"}

    @property
    def is_of_signals(self) -> bool:
        """Whether it declares a signal, or tries one."""
        return self.file.kind == SIGNALS

    def speaks(self, where: Spot) -> bool:
        """Tell whether an expression stands there, which is typed: in rules and signals."""
        if self.file.sort == "signal":
            is_condition = where.path in CONDITIONS or where.path[:2] == ("ask", "facts")
            return where.role != "key" and is_condition
        return self.file.sort == "rules" and is_expression(where)

    @cached_property
    def kinds(self) -> FolderKinds:
        """The kinds as the folder declares them: the file's own; for signals, all."""
        root = self.file.root
        home = root / self.file.kind / KIND
        homes = sorted(root.glob(f"*/{KIND}")) if self.is_of_signals else [home]
        own = {path.parent.name: self._document(path) for path in homes}
        declared = {name: file for name, file in own.items() if name not in KINDS}
        return folder_kinds(KINDS, self._document(root / PROPERTIES), [], kind_files=declared)

    def _document(self, path: Path) -> Node | None:
        text = self.texts.read(path)
        return read_yaml(Source(path.name, text), []) if text else None

    @cached_property
    def names(self) -> Names:
        """What its expressions may mention."""
        if self.is_of_signals:
            facts = read_by(self.text, Contexts(self.kinds))
            return Names(facts, self.text, {}, self.types.checker, clock=False)
        facts = self.kind.facts.DESCRIPTOR
        inherited = self._inherited()
        known = {name: thing.type for name, thing in inherited.items()}
        types = known | dict(self.types.of(self.file.path, self.text, self.kind))
        return Names(facts, self.text, types, self.types.checker, inherited=inherited)

    def _inherited(self) -> Mapping[str, NamedItem]:
        """Return the constants and named facts of the version that a scope's narrows."""
        narrows = NARROWS.search(self.text) if self.file.scope else None
        if narrows is None:
            return {}
        path = self.file.path.parent.parent / f"v{narrows[1]}.yaml"
        text = self.texts.read(path)
        types = self.types.of(path, text, self.kind)
        return Names(self.kind.facts.DESCRIPTOR, text, types, self.types.checker).declared()

    @property
    def shape(self) -> Shape:
        """What may stand where."""
        kind = self.kind if self._is_of_facts else None
        return Shape(self.file.sort, kind, narrows=bool(self.file.scope))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its keys and items."""
        return outline(self.text)

    def spot(self, index: int) -> Spot | None:
        """Return where in the file `index` is."""
        return spot(self.text, index, speaks=self.file.sort != "kind")

    def rules_text(self) -> str:
        """Return the rules that its cases try."""
        return self.texts.read(self.file.sibling(f"v{self.file.version}.yaml"))

    def cases_text(self) -> str:
        """Return the cases that try its rules."""
        return self.texts.read(self.file.sibling(f"v{self.file.version}.cases.yaml"))


def is_expression(where: Spot) -> bool:
    """Tell whether an expression stands there."""
    if where.role == "key":
        return False
    depth = len(where.path)
    return (
        (where.below("facts", None) and depth == 2)
        or (where.below("rules", None, "when"))
        or (where.below("rules", None, "each", None) and depth == 4)
        or where.below("constants", None)
        or where.path == ("applies",)
    )


def rule_of(where: Spot) -> int | None:
    """Return the number of the rule that a place lies in."""
    number = where.path[1] if where.below("rules", None) else None
    return number if isinstance(number, int) else None


def rule_ids(text: str) -> dict[str, Entry]:
    """Return the ids of the rules in `text`, and where each stands."""
    entries = {}
    for entry in outline(text):
        if entry.path[:1] == ("rules",) and entry.path[2:] == ("id",):
            name = text[entry.value : text.find("\n", entry.value) % (len(text) + 1)]
            entries[name.partition(" #")[0].strip().strip("\"'")] = entry
    return entries


def children(entries: tuple[Entry, ...], *path: str | int) -> dict[str, Entry]:
    """Return the keys in what lies at `path`, and where each stands."""
    return {
        str(entry.path[-1]): entry for entry in entries if entry.path[:-1] == path and entry.path
    }
