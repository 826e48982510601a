"""The rules folder as an author reads it: everything but a server."""

from collections.abc import Mapping
from pathlib import Path

from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_usable, usable_kinds


def read_rules(folder: Path, only: str | None = None) -> Catalog:
    """Return the catalog in `folder`, or of `only` one kind; raises RulebookFaults.

    A draft with faults is left out, and named in `Catalog.spoiled`.
    """
    return load_usable(folder, KINDS, expression_checker(), only=None if only is None else (only,))


def known_kinds(folder: Path) -> Mapping[str, AnyKind]:
    """Return the kinds that have code, and those that `folder` declares; raises RulebookFaults.

    A declaration with faults is passed over if its kind never was released.
    """
    faults = list[Fault]()
    known = usable_kinds(folder, KINDS, faults)
    if faults:
        raise RulebookFaults(faults)
    return {**KINDS, **known.declared}
