"""The port to CEL; `language/cel.py` implements it."""

from collections.abc import Mapping
from typing import Protocol

from google.protobuf.descriptor import Descriptor

from dealgate.model.rules import Checked


class ExpressionChecker(Protocol):
    """Parses and types expressions."""

    def reserved(self, facts: Descriptor) -> frozenset[str]:
        """Return the names an author may not declare: facts, `as_of`, enum values, functions."""

    def names(self, source: str) -> frozenset[str]:
        """Return the free identifiers `source` mentions, or raise ExpressionFaults."""

    def check(
        self,
        source: str,
        *,
        facts: Descriptor | None,
        variables: Mapping[str, str],
        expected: str | None,
    ) -> Checked:
        """Type `source`, or raise ExpressionFaults.

        `facts` None: it may read none. `variables` maps names to types in CEL's notation, and
        `expected` is the type it must have, if any.
        """

    def check_constants(self, ast: bytes, constants: Mapping[str, bytes]) -> None:
        """Raise ExpressionFaults if what is typed can only fail because of named constants.

        `constants` are the checked expressions of those that it mentions.
        """
