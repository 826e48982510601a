"""One kind's folder: its versions with their tables, its releases, and its scopes."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Location, Release
from dealgate.rulebook.approvals import Approvals
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.dear import dear
from dealgate.rulebook.digest import digest
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.rulebook.faults import coded_as, did_you_mean
from dealgate.rulebook.fingerprint import fingerprint
from dealgate.rulebook.narrowing import Whole
from dealgate.rulebook.pipelines import SharedPipelines
from dealgate.rulebook.read_files import is_listed, named, read_document, read_table
from dealgate.rulebook.releases import check_signatures, read_releases
from dealgate.rulebook.ruleset import entries_of, read_ruleset
from dealgate.rulebook.scope_folder import Base, Reading, ScopeFolder
from dealgate.rulebook.sheet import Sheet
from dealgate.rulebook.shelf import Shelf
from dealgate.rulebook.unreleased import is_scope, stands

RULES = re.compile(r"v([1-9]\d{0,5})\.yaml")
TABLE = re.compile(r"v([1-9]\d{0,5})\.(.+)\.csv")


# The fingerprint of a kind's folder, and the shelf that was read from it.
KnownShelf: TypeAlias = tuple[str, Shelf]


@dataclass(frozen=True, slots=True)
class Signers:
    """Who must sign releases, and a text that changes when they do."""

    approvals: Approvals
    fingerprint: str


class KindFolder:
    """Reads one kind's folder; faults are added to `faults`."""

    def __init__(
        self,
        folder: Path,
        kind: AnyKind,
        checker: ExpressionChecker,
        faults: list[Fault],
        pipelines: SharedPipelines,
        signers: Signers,
    ) -> None:
        self._folder = folder
        self._kind = kind
        self._checker = checker
        self._faults = faults
        self._pipelines = pipelines
        self._signers = signers
        self._home = folder / kind.name
        self._wholes: dict[int, Whole] = {}

    def remembered(self, known: MutableMapping[str, KnownShelf]) -> Shelf:
        """Return what stands here; if it is sound and stood still, remember it."""
        name, seen, before = self._kind.name, self._fingerprint(), len(self._faults)
        if name in known and known[name][0] == seen:
            return known[name][1]
        shelf = self.shelf()
        if len(self._faults) == before and self._fingerprint() == seen:
            known[name] = (seen, shelf)
        return shelf

    def _fingerprint(self) -> str:
        widening = self._kind.widening
        declared = "" if widening is None else f"{widening.vocabulary.name} {widening.arrival}"
        shared = self._pipelines.fingerprint + self._signers.fingerprint
        return fingerprint(self._home) + shared + declared

    def shelf(self) -> Shelf:
        """Return what stands here: the kind's own versions, and those of its scopes."""
        own = self._own()
        bases = {
            number: Base(whole, own.versions.get(number)) for number, whole in self._wholes.items()
        }
        homes = sorted(
            path
            for path in self._home.iterdir()
            if is_scope(path) and is_listed(self._folder, path, self._faults)
        )
        parts = (self._kind, bases, self._checker, self._reading, self._faults)
        scopes = [ScopeFolder(home, *parts) for home in homes]
        return replace(own, scopes={scope.name: scope.shelf() for scope in scopes})

    @property
    def _reading(self) -> Reading:
        return Reading(
            versions=versions_in,
            document=self._document,
            tables=_tables_in,
            sheet=lambda path: read_table(self._folder, path, self._faults),
            named=lambda path: named(self._folder, path),
            approvals=self._signers.approvals,
        )

    def _document(self, path: Path) -> Node | None:
        document = read_document(self._folder, path, self._faults)
        return None if document is None else self._pipelines.taken(document, self._kind)

    def _own(self) -> Shelf:
        documents = self._documents()
        versions: dict[int, AnyRuleSet] = {}
        digests = dict.fromkeys(self._versions(), "")  # "": it cannot be read
        for number, document in documents.items():
            before = len(self._faults)
            with coded_as(Code.TABLE_INVALID, self._faults):
                sheets = self._sheets(number, document)
            if isinstance(document, Fields):
                self._wholes[number] = Whole(document, sheets)
            whole = len(self._faults) == before
            if whole:
                digests[number] = digest(document, sheets)
            ruleset = read_ruleset(
                document, self._kind, number, self._checker, self._faults, sheets
            )
            if ruleset is not None and whole:
                digests[number] = ruleset.digest
                versions[number] = ruleset
            elif self._kind.widening is not None:
                digests[number] = ""  # what it reads of properties is not known
        reads = {number: ruleset.properties for number, ruleset in versions.items()}
        releases, waiting = self._releases(digests, reads)
        for number in versions.keys() - {n for release in releases for n in release.versions}:
            self._faults += dear(versions[number], documents[number].source)
        return Shelf(versions, releases, waiting=waiting)

    def _sheets(self, number: int, document: Node) -> dict[str, Sheet]:
        """Return the rows of a version's tables; adds a fault for each CSV without a table."""
        sheets: dict[str, Sheet] = {}
        named_ = [node for entry in entries_of(document, "tables") if (node := entry.get("id"))]
        nodes = {node.value: node for node in named_ if isinstance(node, Scalar)}
        for id_, node in nodes.items():
            path = self._home / f"v{number}.{id_}.csv"
            if stands(path):
                sheet = read_table(self._folder, path, self._faults)
                sheets |= {id_: sheet} if sheet is not None else {}
            else:
                message = f"table {id_}: its rows are missing"
                self._faults.append(node.fault(message, f"write them in {path.name}, beside this"))
        for path in sorted(self._home.glob(f"v{number}.*.csv")):
            match = TABLE.fullmatch(path.name)
            if match and match[2] not in nodes:
                message = f"v{number}.yaml has no table '{match[2]}'"
                hint = (
                    did_you_mean(match[2], nodes) or "list it under `tables:`, or delete the file"
                )
                self._faults.append(Fault(Location(named(self._folder, path), 1, 1), message, hint))
        return sheets

    def _documents(self) -> dict[int, Node]:
        versions = self._versions()
        if not versions:
            location = Location(named(self._folder, self._home), 1, 1)
            self._faults.append(Fault(location, "no rule file here", "write v1.yaml"))
        read = {number: self._document(versions[number]) for number in sorted(versions)}
        return {number: document for number, document in read.items() if document is not None}

    def _versions(self) -> Mapping[int, Path]:
        return versions_in(self._home)

    def _releases(
        self, digests: Mapping[int, str], reads: Mapping[int, Sequence[str]]
    ) -> tuple[Sequence[Release], Sequence[Release]]:
        """Return the releases that decide, and those that wait for signatures."""
        path = self._home / "releases.yaml"
        document = read_document(self._folder, path, self._faults) if stands(path) else None
        if document is None:
            return (), ()
        with coded_as(Code.RELEASE_INVALID, self._faults):
            name, approvals = self._kind.name, self._signers.approvals
            lines = read_releases(document, name, digests, self._faults, reads)
            return check_signatures(document, name, lines, approvals, self._faults)


def versions_in(home: Path) -> Mapping[int, Path]:
    """Return the rule files in the folder of a kind or a scope, by their versions."""
    return {int(m[1]): path for path in home.iterdir() if (m := RULES.fullmatch(path.name))}


def _tables_in(home: Path, number: int) -> Mapping[str, Path]:
    matches = ((path, TABLE.fullmatch(path.name)) for path in sorted(home.glob(f"v{number}.*.csv")))
    return {match[2]: path for path, match in matches if match}
