"""Which stages deals pass through, by the rules in use."""

from collections.abc import Sequence

from dealgate.kinds import KINDS
from dealgate.model.errors import UnknownRuleSet
from dealgate.rulebook.catalog import Catalog


def pipeline_stages(catalog: Catalog, now: int) -> Sequence[str]:
    """Return the stages of the usual pipeline by the rules in use: open ones in order, then won."""
    for kind in KINDS.values():
        if kind.proofs is None or kind.proofs.machine is None:
            continue
        try:
            parameters = catalog.at(kind.name, now).parameters
        except UnknownRuleSet:
            return ()
        ways = kind.proofs.machine.pipelines(parameters)
        usual = ways.all[ways.default]
        return [stage.name for stage in usual.stages if stage.closed != "lost"]
    return ()
