"""What a fault spoils: the draft in whose file it is, a kind that never was released, or all rules.

What is released is sealed by its digest, so it can be trusted without anything beside it. A draft
decides nothing, nor do a kind or a scope without a release, cases, or files that no author wrote:
none of them may stop a server, a rollback or another author.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from dealgate.model.codes import Code, Severity
from dealgate.model.faults import Fault
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.pipelines import PIPELINES

OF_VERSION = re.compile(r"(?:.*/)?([a-z0-9_]+)/v([1-9]\d{0,5})\.(cases\.yaml|[^/]+)")
SHELF = re.compile(r"(?:.*/)?([a-z0-9_]+/[a-z0-9_]+)/v[^/]+")


@dataclass(frozen=True, slots=True)
class Sorted:
    """The faults of a rules folder by what they spoil.

    `fatal` ones spoil everything. `spoiled` has those of versions, by name ("qualify@3"): drafts,
    and versions whose cases cannot be read; and of kinds and scopes that never were released
    ("discount", "qualify/dach"). `strays` are files that are passed over, and `warnings`
    are of versions that can be used.
    """

    fatal: Sequence[Fault]
    spoiled: Mapping[str, Sequence[Fault]] = field(default_factory=dict)
    strays: Sequence[Fault] = ()
    warnings: Sequence[Fault] = ()

    @property
    def all(self) -> Sequence[Fault]:
        """Whatever is more than a warning."""
        return self.of(self.spoiled)

    def of(self, names: Iterable[str]) -> Sequence[Fault]:
        """Whatever is more than a warning, and not about versions beside those named."""
        drafts = [fault for name in sorted(names) for fault in self.spoiled.get(name, ())]
        return sorted([*self.fatal, *drafts, *self.strays])


def sort_faults(faults: Iterable[Fault], catalog: Catalog) -> Sorted:
    """Sort what is wrong in the folder that `catalog` was read from.

    A warning is dropped where its file has a fault: a misspelt use makes a name look unused.
    """
    fatal, strays, warnings = list[Fault](), list[Fault](), list[Fault]()
    spoiled: dict[str, list[Fault]] = {}
    for fault in sorted(set(faults)):
        if fault.severity is Severity.WARNING:
            warnings.append(fault)
        elif PIPELINES.fullmatch(fault.location.file.rpartition("/")[2]):
            # Whoever takes the file has a fault too, which says what it spoils.
            strays.append(fault)
        elif fault.code is Code.FILE_MISPLACED and "/" in fault.location.file:
            strays.append(fault)
        elif name := _draft(fault, catalog) or _unreleased(fault, catalog):
            spoiled.setdefault(name, []).append(fault)
        else:
            fatal.append(fault)
    wrong = {fault.location.file for fault in (*fatal, *(f for s in spoiled.values() for f in s))}
    kept = [warning for warning in warnings if warning.location.file not in wrong]
    return Sorted(fatal, spoiled, strays, kept)


def names_of(version: str) -> Sequence[str]:
    """Return what must be sound for a version to be used: itself, its scope, its kind."""
    shelf = version.partition("@")[0]
    return sorted({version, shelf, shelf.partition("/")[0]})


def shelf_in(file: str, catalog: Catalog) -> str:
    """Return what a version's file is one of: "qualify", or "qualify/dach" of a scope's."""
    scope = SHELF.fullmatch(file)
    if scope is not None and scope[1] in catalog.all_releases():
        return scope[1]
    return file.split("/")[-2]


def _draft(fault: Fault, catalog: Catalog) -> str:
    """Return the name of the version that alone is spoiled; "" if more is."""
    match = OF_VERSION.fullmatch(fault.location.file)
    if match is None:
        return ""
    version, rest = int(match[2]), match[3]
    kind = shelf_in(fault.location.file, catalog)
    released = catalog.all_releases().get(kind, ())
    decides = any(version in release.versions for release in released)
    return "" if decides and rest != "cases.yaml" else f"{kind}@{version}"


def _unreleased(fault: Fault, catalog: Catalog) -> str:
    """Return the name of the kind or scope that alone is spoiled, as it decides nothing yet."""
    path = PurePosixPath(fault.location.file)
    names = (catalog.unreleased.get(folder.as_posix()) for folder in (path, *path.parents))
    return next((name for name in names if name), "")
