"""A rules folder with the newest shipped version of a few kinds: quicker to read than all."""

import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import load_catalog
from tests.shipped import RULES

LEAD = ("verify", "score", "qualify", "route", "convert")
DEAL = ("inspect", "advance", "close", "attribute", "recognize", "handoff")
SEAL = re.compile(r"version: (\d+).*?sha256: \"?([0-9a-f]+)", re.DOTALL)


def folder_of(folder: Path, *kinds: str) -> Path:
    """Write the newest released version of each kind into `folder`, in effect since 2026."""
    rules = folder / "rules"
    rules.mkdir()
    for shared in RULES.glob("pipelines.v*.yaml"):
        (rules / shared.name).symlink_to(shared)
    for kind in kinds:
        (rules / kind).mkdir()
        version, seal = SEAL.findall((RULES / kind / "releases.yaml").read_text())[-1]
        for path in (RULES / kind).glob(f"v{version}.*"):
            (rules / kind / path.name).symlink_to(path)
        line = f"- {{version: {version}, from: 2026-01-01T00:00:00Z, sha256: {seal}, by: test, "
        (rules / kind / "releases.yaml").write_text(line + "because: test}\n")
    return rules


@cache
def catalog(*kinds: str, properties: str = "") -> Catalog:
    """Return these rules, beside a file that declares properties."""
    rules = folder_of(Path(mkdtemp()), *kinds)
    if properties:
        (rules / "properties.yaml").write_text(properties)
    return load_catalog(rules, KINDS, expression_checker(), only=kinds)
