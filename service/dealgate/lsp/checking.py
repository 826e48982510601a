"""What the editor gets: faults and findings, with expressions that are checked once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from google.protobuf.descriptor import Descriptor

from dealgate.language.cel import CelChecker
from dealgate.model.codes import Severity
from dealgate.model.faults import Fault
from dealgate.model.rules import Checked, ExpressionFaults
from dealgate.proof.findings import Finding

Answer = TypeVar("Answer")
Variables = tuple[tuple[str, str], ...]


class RememberingChecker:
    """The checker of `dealgate check`, which types no expression twice: few change at a time."""

    def __init__(self) -> None:
        """Nothing is remembered yet."""
        self.typed = 0  # expressions that were typed, and not remembered
        self._checker = CelChecker()
        self._typed = lru_cache(maxsize=20_000)(self._check)
        self._named = lru_cache(maxsize=20_000)(self._names)
        self._reserved = lru_cache(maxsize=64)(self._checker.reserved)

    def reserved(self, facts: Descriptor) -> frozenset[str]:
        """As CelChecker does."""
        return self._reserved(facts)

    def names(self, source: str) -> frozenset[str]:
        """As CelChecker does."""
        return _answer(self._named(source))

    def check(
        self,
        source: str,
        *,
        facts: Descriptor | None,
        variables: Mapping[str, str],
        expected: str | None,
    ) -> Checked:
        """As CelChecker does."""
        return _answer(self._typed(source, facts, tuple(sorted(variables.items())), expected))

    def check_constants(self, ast: bytes, constants: Mapping[str, bytes]) -> None:
        """As CelChecker does."""
        self._checker.check_constants(ast, constants)

    def _names(self, source: str) -> frozenset[str] | ExpressionFaults:
        try:
            return self._checker.names(source)
        except ExpressionFaults as faults:
            return faults

    def _check(
        self, source: str, facts: Descriptor | None, variables: Variables, expected: str | None
    ) -> Checked | ExpressionFaults:
        self.typed += 1
        try:
            return self._checker.check(
                source, facts=facts, variables=dict(variables), expected=expected
            )
        except ExpressionFaults as faults:
            return faults


def _answer(answer: Answer | ExpressionFaults) -> Answer:
    if isinstance(answer, ExpressionFaults):
        raise ExpressionFaults(answer.faults)
    return answer


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """What the check says: a fault, or of rules without one, what was proved of them."""

    fault: Fault
    severity: Severity = Severity.FAULT


def told_of(finding: Finding) -> CheckVerdict:
    """Return a finding as it is printed, its place apart."""
    head, _, rest = str(finding).partition("\n")
    message = head.removeprefix(f"{finding.location}: {finding.severity.value}: ")
    return CheckVerdict(Fault(finding.location, message, rest, code=finding.code), finding.severity)
