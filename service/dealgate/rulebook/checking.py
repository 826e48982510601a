"""Everything in a rules folder is checked in one go: rules, releases and cases."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.cases import CaseFile, read_case_files
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import read_catalog


def check_folder(
    folder: Path,
    kinds: Mapping[str, AnyKind],
    checker: ExpressionChecker,
    only: Collection[str] | None = None,
) -> tuple[Catalog, Sequence[CaseFile]]:
    """Return the catalog and the cases of every version; raise RulebookFaults with all faults.

    The cases of a version that has faults itself are not read: they would repeat them. With
    `only`, names of kinds, all that belongs to others is passed over.
    """
    faults: list[Fault] = []
    catalog = read_catalog(folder, kinds, checker, faults, only=only)
    files = read_case_files(folder, kinds, catalog.all(), faults)
    if faults:
        raise RulebookFaults(faults)
    return catalog, files
