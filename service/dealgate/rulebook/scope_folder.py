"""rules/<kind>/<scope>/: a scope's versions, each narrowing one of its kind's, and releases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Location, Release, shelf_of
from dealgate.rulebook.approvals import Approvals
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.rulebook.faults import coded_as, did_you_mean
from dealgate.rulebook.narrowing import Whole, at_home, head_of, narrowed, scoped
from dealgate.rulebook.releases import check_signatures, read_releases
from dealgate.rulebook.ruleset import entries_of, read_ruleset
from dealgate.rulebook.sheet import Sheet
from dealgate.rulebook.shelf import Shelf
from dealgate.rulebook.unreleased import stands


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read; faults are added where the reader knows."""

    versions: Callable[[Path], Mapping[int, Path]]
    document: Callable[[Path], Node | None]
    tables: Callable[[Path, int], Mapping[str, Path]]
    sheet: Callable[[Path], Sheet | None]
    named: Callable[[Path], str]
    approvals: Approvals


@dataclass(frozen=True, slots=True)
class Base:
    """A version of the kind's own rules; `ruleset` is None if it has faults."""

    whole: Whole
    ruleset: AnyRuleSet | None


class ScopeFolder:
    """One scope's folder; faults found are added to `faults`."""

    def __init__(
        self,
        home: Path,
        kind: AnyKind,
        bases: Mapping[int, Base],
        checker: ExpressionChecker,
        reading: Reading,
        faults: list[Fault],
    ) -> None:
        """`bases` are the kind's own versions."""
        self.name = home.name
        self._home = home
        self._kind = kind
        self._bases = bases
        self._checker = checker
        self._reading = reading
        self._faults = faults

    def shelf(self) -> Shelf:
        """Return the versions that can be read, and the releases."""
        paths = self._reading.versions(self._home)
        read = {number: self._ruleset(number, paths[number]) for number in sorted(paths)}
        versions = {number: ruleset for number, ruleset in read.items() if ruleset is not None}
        digests = {
            number: "" if ruleset is None else ruleset.digest for number, ruleset in read.items()
        }
        releases, waiting = self._releases(digests, versions)
        return Shelf(versions, releases, waiting=waiting)

    def _ruleset(self, number: int, path: Path) -> AnyRuleSet | None:
        document = self._reading.document(path)
        if document is None:
            return None
        own = document if isinstance(document, Fields) else Fields(document.source, 0, ())
        before = len(self._faults)
        head = head_of(own, self.name, self._faults)
        base = self._base(own) if head is not None else None
        sheets = self._sheets(number, own, base)
        if head is None or base is None or len(self._faults) > before:
            return None
        whole = narrowed(Whole(own, sheets), base.whole, self._faults)
        if len(self._faults) > before:
            return None
        return self._read(number, head.narrows, whole, own)

    def _read(self, number: int, narrows: int, whole: Whole, own: Fields) -> AnyRuleSet | None:
        told: list[Fault] = []
        ruleset = read_ruleset(
            whole.document, self._kind, number, self._checker, told, whole.sheets
        )
        home, node = self._reading.named(self._home), own.get("narrows") or own
        self._faults += at_home(told, home, node, f"{self._kind.name}@{narrows}")
        head = head_of(own, self.name, [])
        if ruleset is None or head is None:
            return None
        return scoped(ruleset, head, own, self._kind, self._checker, self._faults)

    def _base(self, own: Fields) -> Base | None:
        """Return what is narrowed; adds a fault if there is none, or it cannot be read."""
        node = own.get("narrows")
        if not isinstance(node, Scalar):
            return None
        base = self._bases.get(int(node.value))
        name = f"{self._kind.name}@{node.value}"
        if base is None:
            known = ", ".join(f"{number}" for number in sorted(self._bases)) or "none"
            message = f"narrows: there is no {name} that can be read"
            self._faults.append(node.fault(message, f"versions that can: {known}"))
        elif base.ruleset is None:
            self._faults.append(node.fault(f"narrows: {name} has faults", "they come first"))
            return None
        return base

    def _sheets(self, number: int, own: Fields, base: Base | None) -> Mapping[str, Sheet]:
        said = {entry.get("id"): entry for entry in entries_of(own, "tables")}
        mine = {node.value: node for node in said if isinstance(node, Scalar)}
        inherited = {} if base is None else base.whole.sheets
        paths = self._reading.tables(self._home, number)
        for id_, node in mine.items():
            if id_ not in paths and id_ not in inherited:
                message = f"table {id_}: its rows are missing"
                self._faults.append(node.fault(message, f"write them in v{number}.{id_}.csv"))
        sheets: dict[str, Sheet] = {}
        for id_, path in paths.items():
            if base is not None and id_ not in mine and id_ not in inherited:
                location = Location(self._reading.named(path), 1, 1)
                hint = did_you_mean(id_, inherited) or "list it under `tables:`, or delete the file"
                message = f"neither v{number}.yaml nor what it narrows has a table '{id_}'"
                self._faults.append(Fault(location, message, hint, code=Code.TABLE_INVALID))
            sheet = self._reading.sheet(path)
            sheets |= {id_: sheet} if sheet is not None else {}
        return sheets

    def _releases(
        self, digests: Mapping[int, str], versions: Mapping[int, AnyRuleSet]
    ) -> tuple[Sequence[Release], Sequence[Release]]:
        """Return the releases that decide, and those that wait for signatures."""
        path = self._home / "releases.yaml"
        document = self._reading.document(path) if stands(path) else None
        if document is None:
            return (), ()
        reads = {number: ruleset.properties for number, ruleset in versions.items()}
        with coded_as(Code.RELEASE_INVALID, self._faults):
            name = shelf_of(self._kind.name, self.name)
            releases = tuple(read_releases(document, name, digests, self._faults, reads))
            for release in releases:
                if release.challenger is not None:
                    message = f"{name}@{release.version}: a scope is released without a challenger"
                    hint = "try a challenger of the kind's own rules, or ask `dealgate impact`"
                    self._faults.append(document.fault(message, hint))
            approvals = self._reading.approvals
            return check_signatures(document, name, releases, approvals, self._faults)
