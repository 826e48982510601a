"""Which stages deals pass through, by the rules in use."""

from collections.abc import Sequence

from dealgate.model.errors import UnknownRuleSet
from dealgate.rulebook.catalog import Catalog


def pipeline_stages(catalog: Catalog, now: int) -> Sequence[str]:
    """Return the stages of the usual pipeline by the rules in use: open ones in order, then won."""
    try:
        ways = catalog.at("advance", now).parameters.ways
    except UnknownRuleSet:
        return ()
    usual = ways.all[ways.default]
    return [stage.name for stage in usual.stages if stage.closed != "lost"]
