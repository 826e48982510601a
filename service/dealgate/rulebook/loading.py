"""The rules folder becomes a Catalog, or every fault in it is reported at once."""

from collections.abc import Collection, Mapping, MutableMapping
from pathlib import Path, PurePosixPath

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.properties import Arrival
from dealgate.model.rates import RateBook
from dealgate.rulebook.approvals import APPROVALS, NO_APPROVALS, read_approvals
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.declaring import FolderKinds, folder_kinds
from dealgate.rulebook.faults import RulebookFaults, coded_as
from dealgate.rulebook.kind_file import KIND
from dealgate.rulebook.kind_folder import KindFolder, KnownShelf, Signers
from dealgate.rulebook.pipelines import SharedPipelines
from dealgate.rulebook.properties import PROPERTIES
from dealgate.rulebook.rates import RATES, read_rates
from dealgate.rulebook.read_files import is_listed, named, read_document, read_named
from dealgate.rulebook.scratch import is_scratch
from dealgate.rulebook.spoiling import sort_faults
from dealgate.rulebook.strays import strays
from dealgate.rulebook.unreleased import stands, unreleased_in


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
        faults += strays(folder, kinds, names, others=only is not None)
    catalog = {name: kinds[name] for name in names if is_listed(folder, folder / name, faults)}
    shared = SharedPipelines(folder, lambda path: read_document(folder, path, faults), faults)
    signers = _approvals(folder, approvals, {*kinds, *kinds.unread}, faults)
    rooms = {
        name: KindFolder(folder, kind, checker, faults, shared, signers)
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


def _approvals(
    folder: Path, given: Path | None, kinds: Collection[str], faults: list[Fault]
) -> Signers:
    path = folder / APPROVALS if given is None else given
    if given is None and not stands(path):
        return Signers(NO_APPROVALS, "")
    document = read_named(path, named(folder, path) if given is None else str(given), faults)
    with coded_as(Code.APPROVALS_INVALID, faults):
        approvals = read_approvals(document, kinds, faults)
    return Signers(approvals, "" if document is None else document.source.text)


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
