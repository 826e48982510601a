"""The tests' own rules: two small kinds, for whoever needs rules and not those we ship."""

import shutil
from pathlib import Path

RULES = Path(__file__).parent / "rules"


def copied(folder: Path) -> Path:
    """Copy them into `folder`; return the copy."""
    return Path(shutil.copytree(RULES, folder / "rules"))
