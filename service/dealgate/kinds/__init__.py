"""The kinds of decision: listed by hand, so that none is there by accident.

Each is imported when it is asked for: who works on one kind does not load the lists of countries,
holidays and suffixes that others need.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from dealgate.model.kind import AnyKind

NAMES = (
    "verify",
    "score",
    "qualify",
    "route",
    "convert",
    "advance",
    "inspect",
    "forecast",
    "close",
    "attribute",
    "recognize",
    "quota",
    "handoff",
    "health",
)


class Kinds(Mapping[str, AnyKind]):
    """The kinds by their names: `dealgate.kinds.verify` has `VERIFY`."""

    def __getitem__(self, name: str) -> AnyKind:
        """Import the kind, and return it."""
        if name not in NAMES:
            raise KeyError(name)
        return _imported(name)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a kind, without importing it."""
        return name in NAMES

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(NAMES)

    def __len__(self) -> int:
        """Count them."""
        return len(NAMES)


@cache
def _imported(name: str) -> AnyKind:
    kind: AnyKind = getattr(import_module(f"{__name__}.{name}"), name.upper())
    return kind


KINDS: Mapping[str, AnyKind] = Kinds()
