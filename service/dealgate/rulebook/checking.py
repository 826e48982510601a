"""Everything in a rules folder is checked in one go: rules, releases and cases."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import CaseFile, read_case_files
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import read_catalog
from dealgate.rulebook.spoiling import Sorted, names_of, sort_faults


@dataclass(frozen=True, slots=True)
class Checked:
    """A rules folder as far as it can be read, the cases of its versions, and what is wrong."""

    catalog: Catalog
    files: Sequence[CaseFile]
    faults: Sorted

    def needing(self, name: str) -> "Checked":
        """Raise RulebookFaults if that version ("qualify@3"), or kind, cannot be used or tried."""
        spoiled = self.faults.spoiled
        wrong = [*self.faults.fatal, *(f for n in names_of(name) for f in spoiled.get(n, ()))]
        if wrong:
            raise RulebookFaults(wrong)
        return self

    @property
    def sound(self) -> Sequence[AnyRuleSet]:
        """The versions that nothing found here spoils: of them it can be proved what holds."""
        tried = {file.ruleset.name for file in self.files}
        wrong = {*self.passed_over}
        return [
            ruleset
            for ruleset in self.catalog.all()
            if ruleset.name in tried and not wrong.intersection(names_of(ruleset.name))
        ]

    @property
    def passed_over(self) -> Sequence[str]:
        """What is not judged for what is wrong: versions, kinds and scopes by name, in order."""
        known = {*self.catalog.kinds, *self.catalog.unreleased.values()}
        kinds = {name for fault in self.faults.fatal if (name := _kind_of(fault, known))}
        return sorted({*kinds, *self.faults.spoiled})

    def needing_all(self) -> "Checked":
        """Raise RulebookFaults if anything in the folder has a fault."""
        if self.faults.all:
            raise RulebookFaults(self.faults.all)
        return self


def _kind_of(fault: Fault, known: Collection[str]) -> str:
    """Return the kind in whose folder a fault is; empty: it is in a file that all kinds share."""
    path = PurePosixPath(fault.location.file)
    homes = [path.parent.name, path.parent.parent.name]  # the second is that of a scope
    return next((name for name in homes if name in known), "")


def read_folder(
    folder: Path,
    kinds: Mapping[str, AnyKind],
    checker: ExpressionChecker,
    only: Collection[str] | None = None,
    approvals: Path | None = None,
    is_beside: Callable[[AnyRuleSet], bool] = lambda _: False,
) -> Checked:
    """Return all that can be read in `folder`, and what is wrong, by what it spoils.

    The cases of a version that has faults itself are not read: they would repeat them. With
    `only`, names of kinds, all that belongs to others is passed over. Cases of a version that
    `is_beside` what is asked are not read.
    """
    faults: list[Fault] = []
    catalog = read_catalog(folder, kinds, checker, faults, only=only, approvals=approvals)
    tried = [ruleset for ruleset in catalog.all() if not is_beside(ruleset)]
    files = read_case_files(folder, catalog.kinds, tried, faults)
    sorted_ = sort_faults(faults, catalog)
    usable = catalog.without(sorted_.spoiled, sorted_.strays)
    kept = [
        replace(file, beside=usable.beside(file.ruleset))
        for file in files
        if file.ruleset.name not in sorted_.spoiled
    ]
    return Checked(usable, kept, sorted_)


def check_folder(
    folder: Path,
    kinds: Mapping[str, AnyKind],
    checker: ExpressionChecker,
    only: Collection[str] | None = None,
) -> tuple[Catalog, Sequence[CaseFile]]:
    """Return the catalog and the cases of every version; raise RulebookFaults with all faults."""
    checked = read_folder(folder, kinds, checker, only).needing_all()
    return checked.catalog, checked.files
