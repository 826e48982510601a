"""What decides now, and what would, if a version of a scope were in effect."""

from dataclasses import dataclass

from dealgate.foresight.routed import Rules, Sides
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.rules import AnyRuleSet
from dealgate.model.scoping import narrowing_of
from dealgate.rulebook.catalog import Catalog


@dataclass(frozen=True, slots=True)
class ScopeSpec:
    """Of which scope a version is assessed, and of whose decisions.

    `narrowed`: an earlier version of the scope is compared; else the kind's own rules decide there.
    """

    name: str
    tenant: str
    narrowed: bool


def deciding(catalog: Catalog, new: AnyRuleSet, now: int) -> AnyRuleSet:
    """Return what decides now where a version would; raises UnknownRuleSet.

    Where no version of its scope decides, the kind's own rules do.
    """
    if new.scope and not any(
        release.effective_from <= now for release in catalog.releases(new.shelf)
    ):
        return _own(catalog, new, now)
    return catalog.at(new.shelf, now)


def sides_of(
    scope: ScopeSpec, catalog: Catalog, old: AnyRuleSet, new: AnyRuleSet, now: int
) -> Sides:
    """Return all rules that may decide a tenant's questions, with the old version and the new."""
    met = catalog.scopes(new.kind, scope.tenant, now)
    others = [ruleset for ruleset in met if ruleset.scope != scope.name]
    before = [*others, old] if scope.narrowed else others
    own = _own(catalog, new, now)
    return Sides(scope.name, Rules(own, before), Rules(own, [*others, new]))


def _own(catalog: Catalog, new: AnyRuleSet, now: int) -> AnyRuleSet:
    """Return the kind's own rules that decide beside a scope; if none do, those it narrows."""
    try:
        return catalog.at(new.kind, now)
    except UnknownRuleSet:
        return catalog.version(new.kind, narrowing_of(new).base)
