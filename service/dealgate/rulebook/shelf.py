"""The rule sets and releases of one kind or scope."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dealgate.model.rules import AnyRuleSet, Release


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind's versions by number, and its releases, oldest first; its scopes by name.

    Those `waiting` for signatures decide nothing.
    """

    versions: Mapping[int, AnyRuleSet]
    releases: Sequence[Release] = ()
    scopes: Mapping[str, "Shelf"] = field(default_factory=dict)
    waiting: Sequence[Release] = ()
    starts: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", [r.effective_from for r in self.releases])

    def without(self, names: Container[str]) -> "Shelf":
        """Return the shelf without the drafts of these names."""
        released = {version for release in self.releases for version in release.versions}
        versions = {
            number: ruleset
            for number, ruleset in self.versions.items()
            if number in released or ruleset.name not in names
        }
        return replace(self, versions=versions)
