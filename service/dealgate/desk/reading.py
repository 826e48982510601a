"""The rules folder as an author reads it: everything but a server."""

from pathlib import Path

from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import load_usable


def read_rules(folder: Path, only: str | None = None) -> Catalog:
    """Return the catalog in `folder`, or of `only` one kind; raises RulebookFaults.

    A draft with faults is left out, and named in `Catalog.spoiled`.
    """
    return load_usable(folder, KINDS, expression_checker(), only=None if only is None else (only,))
