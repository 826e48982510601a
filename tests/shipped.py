"""The rules we ship, read once for all tests of a process: that takes a second and a half."""

from functools import cache
from pathlib import Path

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import load_catalog

RULES = Path(__file__).parents[1] / "rules"


@cache
def catalog() -> Catalog:
    """Load every shipped rule set."""
    return load_catalog(RULES, KINDS, CelChecker())
