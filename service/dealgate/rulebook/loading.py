"""The rules folder becomes a Catalog, or every fault in it is reported at once."""

import re
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from dealgate.model.codes import Code
from dealgate.model.exchange import RateBook
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.properties import Arrival
from dealgate.model.rules import AnyRuleSet, Location, Release
from dealgate.rulebook.approvals import APPROVALS, NO_APPROVALS, Approvals, read_approvals
from dealgate.rulebook.catalog import Catalog, Shelf
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.dear import dear
from dealgate.rulebook.declaring import FolderKinds, folder_kinds
from dealgate.rulebook.digest import digest
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.rulebook.faults import RulebookFaults, coded_as, did_you_mean
from dealgate.rulebook.fingerprint import fingerprint
from dealgate.rulebook.kind_file import KIND
from dealgate.rulebook.narrowing import Whole
from dealgate.rulebook.pipelines import PIPELINES, SharedPipelines
from dealgate.rulebook.properties import PROPERTIES
from dealgate.rulebook.rates import RATES, read_rates
from dealgate.rulebook.releases import check_signatures, read_releases
from dealgate.rulebook.ruleset import entries_of, read_ruleset
from dealgate.rulebook.scope_folder import Base, Reading, ScopeFolder
from dealgate.rulebook.scratch import is_scratch
from dealgate.rulebook.sheet import Sheet, read_sheet
from dealgate.rulebook.source import read_source
from dealgate.rulebook.spoiling import sort_faults
from dealgate.rulebook.strict_yaml import read_yaml
from dealgate.rulebook.unreleased import is_scope, listed, stands, unreleased_in

RULES = re.compile(r"v([1-9]\d{0,5})\.yaml")
CASES = re.compile(r"v([1-9]\d{0,5})\.cases\.yaml")
TABLE = re.compile(r"v([1-9]\d{0,5})\.(.+)\.csv")
BESIDE = {KIND, "README.md", "releases.yaml", "cases.schema.json"}
SIGNALS = "signals"  # a folder beside those of kinds, which the room of that name reads
AT_TOP = {
    "README.md",
    APPROVALS,
    RATES,
    PROPERTIES,
    "approvals.schema.json",
    "kind.schema.json",
    "schema.json",
    "releases.schema.json",
    "pipelines.schema.json",
    "properties.schema.json",
    "signal.schema.json",
    "signal-cases.schema.json",
}


# The fingerprint of a kind's folder, and what was found in it.
KnownShelf: TypeAlias = tuple[str, Shelf]


def load_catalog(
    folder: Path,
    kinds: Mapping[str, AnyKind],
    checker: ExpressionChecker,
    known: MutableMapping[str, KnownShelf] | None = None,
    only: Collection[str] | None = None,
) -> Catalog:
    """Return the catalog in `folder`; raise RulebookFaults with everything wrong in any file.

    A file is named `rules/<kind>/v<number>.yaml`; its place is given from `folder`'s own name on.
    `known` remembers sound kinds from one reading of the folder to the next: one of which no file
    has changed is not read again. With `only`, names of kinds, all that belongs to others is passed
    over, whatever is wrong with it.
    """
    faults: list[Fault] = []
    catalog = read_catalog(folder, kinds, checker, faults, known, only)
    if wrong := sort_faults(faults, catalog).all:
        raise RulebookFaults(wrong)
    return catalog


def load_usable(
    folder: Path,
    kinds: Mapping[str, AnyKind],
    checker: ExpressionChecker,
    known: MutableMapping[str, KnownShelf] | None = None,
    only: Collection[str] | None = None,
    arrival: Arrival = Arrival.REFUSE,
    approvals: Path | None = None,
) -> Catalog:
    """As `load_catalog`, but a draft with faults is left out, and raises only when it is named.

    What is released decides whatever is wrong with a draft; `Catalog.spoiled` has those left out.
    """
    faults: list[Fault] = []
    catalog = read_catalog(folder, kinds, checker, faults, known, only, arrival, approvals)
    faulty = sort_faults(faults, catalog)
    usable = catalog.without(faulty.spoiled, faulty.strays)
    if faulty.fatal or (faulty.spoiled and not usable.served):
        raise RulebookFaults(faulty.all)
    return usable


def read_catalog(
    folder: Path,
    kinds: Mapping[str, AnyKind],
    checker: ExpressionChecker,
    faults: list[Fault],
    known: MutableMapping[str, KnownShelf] | None = None,
    only: Collection[str] | None = None,
    arrival: Arrival = Arrival.REFUSE,
    approvals: Path | None = None,
) -> Catalog:
    """Return what can be read in `folder`; if faults were added, nothing may decide by it.

    `arrival` says what becomes of properties that nobody declared, and `approvals` is the file that
    says who must sign releases, unless it is the folder's own.
    """
    told: list[Fault] = []
    kinds = kinds_in(folder, kinds, told, arrival)
    told = [fault for fault in told if _concerns(fault, folder, kinds, only)]
    faults += told
    properties = named(folder, folder / PROPERTIES)
    unreleased = unreleased_in(folder, lambda path: named(folder, path))
    names = [name for name in kinds if only is None or name in only]
    if any(fault.location.file == properties for fault in told):
        # Every rule that reads a property would have a fault too.
        return Catalog({}, None, kinds, unreleased=unreleased)
    with coded_as(Code.FILE_MISPLACED, faults):
        faults += _strays(folder, kinds, names, others=only is not None)
    catalog = {name: kinds[name] for name in names if _is_listed(folder, folder / name, faults)}
    shared = SharedPipelines(folder, lambda path: read_document(folder, path, faults), faults)
    signers = _approvals(folder, approvals, {*kinds, *kinds.unread}, faults)
    rooms = {
        name: _Room(folder, kind, checker, faults, shared, signers)
        for name, kind in catalog.items()
    }
    rates = _rates(folder, faults)
    shelves = {
        name: room.shelf() if known is None else room.remembered(known)
        for name, room in rooms.items()
    }
    return Catalog(shelves, rates, kinds, signers.approvals, unreleased)


def _concerns(fault: Fault, folder: Path, kinds: FolderKinds, only: Collection[str] | None) -> bool:
    """Tell whether a fault of what is declared is about any of the kinds that are read.

    Properties are of facts in the contracts: no kind that the folder declares reads them.
    """
    if only is None:
        return True
    of_all = fault.location.file == named(folder, folder / PROPERTIES)
    if of_all:
        return any(not kinds.is_declared(name) for name in only)
    return PurePosixPath(fault.location.file).parent.name in only


def _is_listed(folder: Path, home: Path, faults: list[Fault]) -> bool:
    """Tell whether a folder is there; adds a fault if what it holds cannot be listed."""
    if not home.is_dir():
        return False
    try:
        next(home.iterdir(), None)
    except OSError as error:
        location = Location(named(folder, home), 1, 1)
        message = f"this folder cannot be read: {error.strerror}"
        faults.append(Fault(location, message, code=Code.FILE_UNREADABLE))
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Signers:
    """Who must sign releases, and a text that changes when they do."""

    approvals: Approvals
    fingerprint: str


def _approvals(
    folder: Path, given: Path | None, kinds: Collection[str], faults: list[Fault]
) -> _Signers:
    path = folder / APPROVALS if given is None else given
    if given is None and not stands(path):
        return _Signers(NO_APPROVALS, "")
    document = _read(path, named(folder, path) if given is None else str(given), faults)
    with coded_as(Code.APPROVALS_INVALID, faults):
        approvals = read_approvals(document, kinds, faults)
    return _Signers(approvals, "" if document is None else document.source.text)


def kinds_in(
    folder: Path,
    kinds: Mapping[str, AnyKind],
    faults: list[Fault],
    arrival: Arrival = Arrival.REFUSE,
) -> FolderKinds:
    """Return the kinds with what `folder` declares of their facts; faults are added."""
    path = folder / PROPERTIES
    document = read_document(folder, path, faults) if stands(path) else None
    homes = sorted(folder.iterdir()) if folder.is_dir() else []
    files = {
        home.name: read_document(folder, home / KIND, faults)
        for home in homes
        if stands(home / KIND) and home.name not in kinds and not is_scratch(home.name)
    }
    return folder_kinds(kinds, document, faults, arrival, files)


def usable_kinds(folder: Path, kinds: Mapping[str, AnyKind], faults: list[Fault]) -> FolderKinds:
    """Return the kinds as `kinds_in` does; those that never were released may be in any state."""
    told: list[Fault] = []
    usable = kinds_in(folder, kinds, told)
    unreleased = unreleased_in(folder, lambda path: named(folder, path))
    faults += [
        fault
        for fault in told
        if PurePosixPath(fault.location.file).parent.as_posix() not in unreleased
    ]
    return usable


def _rates(folder: Path, faults: list[Fault]) -> RateBook | None:
    path = folder / RATES
    document = read_document(folder, path, faults) if stands(path) else None
    return None if document is None else read_rates(document, faults)


def named(folder: Path, path: Path) -> str:
    """Return the name to report `path` under: "rules/qualify/v2.yaml"."""
    shown = folder if not folder.is_absolute() else Path(folder.name)
    return (shown / path.relative_to(folder)).as_posix()


def read_document(folder: Path, path: Path, faults: list[Fault]) -> Node | None:
    """Return the tree in the file at `path`; None if it cannot be read, and faults are added."""
    return _read(path, named(folder, path), faults)


def _read(path: Path, name: str, faults: list[Fault]) -> Node | None:
    with coded_as(Code.FILE_UNREADABLE, faults):
        source = read_source(path, name, faults)
    with coded_as(Code.YAML_INVALID, faults):
        return None if source is None else read_yaml(source, faults)


def read_table(folder: Path, path: Path, faults: list[Fault]) -> Sheet | None:
    """Return the cells in the CSV at `path`; None if it cannot be read, and faults are added."""
    with coded_as(Code.FILE_UNREADABLE, faults):
        source = read_source(path, named(folder, path), faults, bom=True)
    with coded_as(Code.TABLE_INVALID, faults):
        return None if source is None else read_sheet(source, faults)


class _Room:
    """One kind's folder."""

    def __init__(
        self,
        folder: Path,
        kind: AnyKind,
        checker: ExpressionChecker,
        faults: list[Fault],
        pipelines: SharedPipelines,
        signers: "_Signers",
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
            if is_scope(path) and _is_listed(self._folder, path, self._faults)
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


def _strays(
    folder: Path, kinds: FolderKinds, needed: Sequence[str], *, others: bool
) -> list[Fault]:
    """Return a fault for everything that stands where it should not, or is not there.

    `kinds` may have a folder, and `needed` must if `others` are passed over.
    """
    known = {} if others else kinds
    if not folder.is_dir():
        hint = "name the folder that holds the rules, or write one: dealgate init"
        return [Fault(Location(folder.name, 1, 1), "this folder does not exist", hint)]
    faults = []
    for entry in sorted(folder.iterdir()):
        location = Location(named(folder, entry), 1, 1)
        if entry.is_dir() and entry.name in needed:
            faults += [fault for path in _within(entry) for fault in _stray(folder, path)]
            faults += _undeclaring(folder, entry, kinds)
        elif not known or entry.name in kinds.unread or (entry.is_dir() and entry.name == SIGNALS):
            continue
        elif entry.is_dir() and not is_scratch(entry.name):
            message = f"unknown kind '{entry.name}'"
            faults.append(Fault(location, message, did_you_mean(entry.name, known)))
        elif entry.name in AT_TOP or PIPELINES.fullmatch(entry.name):
            continue
        elif not is_scratch(entry.name):
            message = "this file is not one of a rules folder"
            faults.append(Fault(location, message, "rules lie in a folder named after their kind"))
    # Where a kind's declaration has faults, they say why there are no rules.
    return faults if kinds.unread else faults + _missing(folder, known, needed)


def _undeclaring(folder: Path, home: Path, kinds: FolderKinds) -> Iterator[Fault]:
    """Yield a fault for each kind.yaml that declares nothing: its kind has code, or is a scope."""
    for path in (path for path in _within(home) if path.name == KIND):
        location = Location(named(folder, path), 1, 1)
        if path.parent != home:
            message = (
                "a scope declares no kind: it has the facts and outcomes of the one it narrows"
            )
            yield Fault(location, message, f"change {home.name}/{KIND}, or delete this file")
        elif not kinds.is_declared(home.name):
            message = f"this declares nothing: {home.name} is a kind with code"
            hint = f"declare facts of its own in {PROPERTIES}, or name a new kind and its folder"
            yield Fault(location, message, hint)


def _within(home: Path) -> Iterator[Path]:
    """Yield what stands in a kind's folder and in those of its scopes, as far as it can be told."""
    for path in listed(home):
        if is_scope(path):
            yield from listed(path)
        else:
            yield path


def _missing(folder: Path, known: Collection[str], needed: Sequence[str]) -> list[Fault]:
    """Return what is not there: a kind that was asked for, or all of them.

    A kind without rules is one that is not served.
    """
    absent = [kind for kind in needed if not (folder / kind).is_dir()]
    if known and len(absent) < len(needed):
        return []
    if known:
        hint = f"write {absent[0]}/v1.yaml, or the first rule file of another kind"
        return [Fault(Location(folder.name, 1, 1), "there are no rules in this folder", hint)]
    hint = "write its first rule file there, v1.yaml"
    locations = {kind: Location(named(folder, folder / kind), 1, 1) for kind in absent}
    return [
        Fault(location, f"the rules of kind {kind} are missing", hint)
        for kind, location in locations.items()
    ]


def _stray(folder: Path, path: Path) -> list[Fault]:
    location = Location(named(folder, path), 1, 1)
    cases, table = CASES.fullmatch(path.name), TABLE.fullmatch(path.name)
    if table and not (path.parent / f"v{table[1]}.yaml").exists():
        message = f"this is a table of v{table[1]}.yaml, which is missing"
        return [Fault(location, message, "write it, or delete the table")]
    if cases and not (path.parent / f"v{cases[1]}.yaml").exists():
        message = f"these cases try v{cases[1]}.yaml, which is missing"
        return [Fault(location, message, "write it, or delete the cases")]
    expected = cases or table or RULES.fullmatch(path.name) or path.name in BESIDE
    if expected or is_scratch(path.name):
        return []
    hint = (
        "rule files are called v1.yaml, v2.yaml, …; cases v1.cases.yaml; tables v1.<id>.csv;\n"
        "releases releases.yaml"
    )
    return [Fault(location, "this file does not belong in a rules folder", hint)]
