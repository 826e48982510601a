"""Which decisions of a journal's file are old, as SQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dealgate.journal.retention import Cutoff

NEVER = -(2**63)
# What may go: nobody's last turn, and under no key that is still remembered.
FREE = "seq NOT IN (SELECT seq FROM {schema}turns) AND seq NOT IN (SELECT seq FROM {schema}keys)"


@dataclass(frozen=True, slots=True)
class Old:
    """Conditions on a row of decisions, and their bindings; the first cutoff that applies holds."""

    cutoffs: Sequence[Cutoff]

    @property
    def condition(self) -> str:
        """Whether it is old."""
        cases = "".join(_case(number, cutoff) for number, cutoff in enumerate(self.cutoffs))
        return f"decided_at < CASE {cases} ELSE {NEVER} END"

    def removable(self, schema: str = "") -> str:
        """Whether it is old, and nothing needs it any more."""
        return f"({self.condition} AND {FREE.format(schema=schema)})"

    @property
    def bindings(self) -> Mapping[str, str | int]:
        """What both conditions are asked with."""
        return {
            f"{name}{number}": value
            for number, cutoff in enumerate(self.cutoffs)
            for name, value in cutoff._asdict().items()
            if value is not None
        }


def _case(number: int, cutoff: Cutoff) -> str:
    return f" WHEN {' AND '.join(_tests(number, cutoff)) or 'true'} THEN :before{number}"


def _tests(number: int, cutoff: Cutoff) -> Iterator[str]:
    if cutoff.tenant is not None:
        yield f"tenant = :tenant{number}"
    if cutoff.kind is not None:
        yield f"kind = :kind{number}"
