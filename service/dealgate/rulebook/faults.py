"""All faults in rule files at once, their codes, and hints at what was meant."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches

from dealgate.model.codes import Code
from dealgate.model.errors import OperatorError
from dealgate.model.faults import Fault

MANY = 12


@contextmanager
def coded_as(code: Code, faults: list[Fault]) -> Iterator[None]:
    """Give the faults that are added meanwhile this code, unless they have one of their own."""
    before = len(faults)
    yield
    faults[before:] = [
        replace(fault, code=code) if fault.code is Code.RULES_INVALID else fault
        for fault in faults[before:]
    ]


class RulebookFaults(OperatorError):
    """Files that cannot be used, with every fault found, in the order of files and lines."""

    reason = "RULEBOOK_FAULTS"

    def __init__(self, faults: Iterable[Fault]) -> None:
        """`faults` is not empty; those that repeat one another are said once."""
        self.faults: Sequence[Fault] = tuple(sorted(set(faults)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        """Show every fault with its line."""
        return "\n".join(str(fault) for fault in self.faults)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest known word, or else with the known ones, the first of many."""
    words = sorted(known)
    ending = [
        candidate for candidate in words if word and candidate.lower().endswith(f"_{word.lower()}")
    ]
    if len(ending) == 1:
        return f"did you mean '{ending[0]}'?"
    lowered = {candidate.lower(): candidate for candidate in words}
    close = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{lowered[close[0]]}'?"
    shown = words if len(words) <= MANY else [*words[:MANY], "…"]
    return f"known: {', '.join(shown)}" if words else ""
