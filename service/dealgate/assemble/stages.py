"""Which stages deals pass through, by the rules in use."""

from collections.abc import Sequence

from dealgate.model.errors import UnknownRuleSet
from dealgate.rulebook.catalog import Catalog


def pipeline_stages(catalog: Catalog, now: int) -> Sequence[str]:
    """Return the stages of the pipeline whose rules are in use: open ones in order, then won."""
    try:
        stages = catalog.at("advance", now).parameters.stages
    except UnknownRuleSet:
        return ()
    return [stage.name for stage in stages if stage.closed != "lost"]
