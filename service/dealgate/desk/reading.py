"""The rules folder as an author reads it: everything but a server."""

from pathlib import Path

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import load_catalog


def read_rules(folder: Path) -> Catalog:
    """Return the catalog in `folder`; raises RulebookFaults with everything wrong in it."""
    return load_catalog(folder, KINDS, CelChecker())
