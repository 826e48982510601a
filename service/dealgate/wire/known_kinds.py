"""The kinds that decisions may be of: those that have code, and those that the rules declare."""

from collections.abc import Collection, Iterator

from dealgate.model.editions import Editions
from dealgate.wire.rulesets import Catalog


class KnownKinds(Collection[str]):
    """Their names, as the rules in use have them; what is declared may come and go."""

    def __init__(self, coded: Collection[str], live: Editions[Catalog]) -> None:
        """`coded` are those that have code."""
        self._coded = coded
        self._live = live

    @property
    def _names(self) -> set[str]:
        return {*self._coded, *(ruleset.kind for ruleset in self._live.edition.catalog.all())}

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a kind."""
        return name in self._coded or name in self._names

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._names)

    def __len__(self) -> int:
        """Count them."""
        return len(self._names)
