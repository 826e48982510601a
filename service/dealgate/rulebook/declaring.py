"""The kinds as one rules folder has them: with the properties that it declares of their facts."""

from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping
from typing import cast

from dealgate.model.codes import Code
from dealgate.model.declared_kinds import declared_kind
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.properties import NOTHING, Arrival, Declared
from dealgate.model.vocabulary import Vocabulary, vocabulary
from dealgate.model.widening import widened
from dealgate.rulebook.document import Node
from dealgate.rulebook.faults import coded_as
from dealgate.rulebook.kind_file import read_kind
from dealgate.rulebook.properties import read_properties

NO_KINDS: Mapping[str, AnyKind] = {}
NO_FILES: Mapping[str, Node | None] = {}


class FolderKinds(Mapping[str, AnyKind]):
    """The kinds by their names, each made when it is asked for."""

    def __init__(
        self,
        kinds: Mapping[str, AnyKind],
        known: Vocabulary,
        arrival: Arrival = Arrival.REFUSE,
        declared: Mapping[str, AnyKind] = NO_KINDS,
        unread: Collection[str] = (),
    ) -> None:
        """`kinds` are those that have code; `known` is what the folder declares of their facts.

        `declared` are the kinds that it declares itself, `unread` those whose declarations have
        faults.
        """
        self.unread = frozenset(unread)
        self._kinds = ChainMap({**declared}, cast("dict[str, AnyKind]", kinds))
        self.declared = declared
        self._arrival = arrival
        self.vocabulary = known

    def __getitem__(self, name: str) -> AnyKind:
        """Return the kind; raises KeyError."""
        if name in self.declared:
            return self.declared[name]
        kind = self._kinds[name]
        if not self.vocabulary.declared and self._arrival is Arrival.REFUSE:
            return kind
        return widened(kind, self.vocabulary, self._arrival)

    def is_declared(self, name: str) -> bool:
        """Tell whether the folder declares a kind of that name, if only with faults."""
        return name in self.declared or name in self.unread

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a kind, without making it."""
        return name in self._kinds

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """Count them."""
        return len(self._kinds)


def folder_kinds(
    kinds: Mapping[str, AnyKind],
    document: Node | None,
    faults: list[Fault],
    arrival: Arrival = Arrival.REFUSE,
    kind_files: Mapping[str, Node | None] = NO_FILES,
) -> FolderKinds:
    """Return the kinds with what properties.yaml, if there is one, declares; faults are added.

    `kind_files` are the kind.yaml of folders, by the folders' names.
    """
    declared: Declared = NOTHING
    if document is not None:
        with coded_as(Code.PROPERTIES_INVALID, faults):
            declared = read_properties(document, faults)
    own: dict[str, AnyKind] = {}
    with coded_as(Code.PROPERTIES_INVALID, faults):
        for name, file in kind_files.items():
            read = None if file is None else read_kind(file, name, faults)
            if read is not None:
                own[name] = declared_kind(read)
    return FolderKinds(kinds, vocabulary(declared), arrival, own, kind_files.keys() - own.keys())
