"""Whether the files of a kind that was taken over are sound."""

import tempfile
from pathlib import Path

from dealgate.desk.exchange import NotExported
from dealgate.desk.expressions import expression_checker
from dealgate.desk.gorules.jdm_kind import JdmKind
from dealgate.kinds import KINDS
from dealgate.model.faults import Fault
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import read_catalog


def check_kind(kind: JdmKind) -> Catalog:
    """Return the catalog that holds the kind alone; raises NotExported if its files have faults."""
    faults: list[Fault] = []
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "rules" / kind.name
        home.mkdir(parents=True)
        for name, text in kind.texts.items():
            (home / name).write_text(text, "utf-8", newline="")
        catalog = read_catalog(home.parent, KINDS, expression_checker(), faults)
    if faults:
        raise NotExported(f"{faults[0].location.file}: {faults[0].message}")
    return catalog
