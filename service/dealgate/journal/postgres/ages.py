"""Which decisions of a journal in PostgreSQL are old, as SQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dealgate.journal.retention import Cutoff

NEVER = -(2**63)
# What may go: nobody's last turn, and under no key that is still remembered. Neither comes back.
FREE = """
    NOT EXISTS (SELECT FROM turns AS t WHERE t.tenant = d.tenant AND t.id = d.id)
    AND NOT EXISTS (SELECT FROM keys AS k WHERE k.tenant = d.tenant AND k.id = d.id)
"""


@dataclass(frozen=True, slots=True)
class Old:
    """Conditions on a row `d` of decisions, with bindings; the first cutoff that applies holds."""

    cutoffs: Sequence[Cutoff]

    @property
    def condition(self) -> str:
        """Whether it is old."""
        cases = "".join(_case(number, cutoff) for number, cutoff in enumerate(self.cutoffs))
        return f"d.decided_at < CASE {cases} ELSE {NEVER} END"

    @property
    def removable(self) -> str:
        """Whether it is old, and nothing needs it any more."""
        return f"({self.condition} AND {FREE})"

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
    tests = " AND ".join(_tests(number, cutoff)) or "true"
    return f" WHEN {tests} THEN %(before{number})s::bigint"


def _tests(number: int, cutoff: Cutoff) -> Iterator[str]:
    if cutoff.tenant is not None:
        yield f"d.tenant = %(tenant{number})s"
    if cutoff.kind is not None:
        yield f"d.kind = %(kind{number})s"
