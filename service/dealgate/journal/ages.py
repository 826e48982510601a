"""Which decisions of a journal are old, as SQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dealgate.journal.retention import Cutoff

NEVER = -(2**63)


@dataclass(frozen=True, slots=True)
class Old:
    """Conditions on a row of decisions, and their bindings; the first cutoff that applies holds.

    `placeholder` is how the database writes a binding, with `{}` for its name. `free` is when
    nothing needs the row any more, with `{schema}` before tables.
    """

    cutoffs: Sequence[Cutoff]
    placeholder: str
    free: str

    @property
    def condition(self) -> str:
        """Whether it is old."""
        cases = "".join(self._case(number, cutoff) for number, cutoff in enumerate(self.cutoffs))
        return f"decided_at < CASE {cases} ELSE {NEVER} END"

    def removable(self, schema: str = "") -> str:
        """Whether it is old, and nothing needs it any more."""
        return f"({self.condition} AND {self.free.format(schema=schema)})"

    @property
    def bindings(self) -> Mapping[str, str | int]:
        """What both conditions are asked with."""
        return {
            f"{name}{number}": value
            for number, cutoff in enumerate(self.cutoffs)
            for name, value in cutoff._asdict().items()
            if value is not None
        }

    def _case(self, number: int, cutoff: Cutoff) -> str:
        tests = " AND ".join(self._tests(number, cutoff)) or "true"
        return f" WHEN {tests} THEN CAST({self._bound('before', number)} AS bigint)"

    def _tests(self, number: int, cutoff: Cutoff) -> Iterator[str]:
        for name in ("tenant", "kind"):
            if getattr(cutoff, name) is not None:
                yield f"{name} = {self._bound(name, number)}"

    def _bound(self, name: str, number: int) -> str:
        return self.placeholder.format(f"{name}{number}")
