"""An outcome in brief: its word and its numbers, without its message."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brief:
    """The outcome in one word, and numbers of it by their paths in its message.

    Amounts are in units, and their names end in the currency: "headline, EUR"; dates are in days
    since 1970. Numbers that no rule can move may be left out.
    """

    word: str
    numbers: Mapping[str, float]
