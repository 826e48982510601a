"""Faults in rule files, worded for the people who write rules, and all of them at once.

A fault names its place, what is wrong and the cure. It is printed as

    rules/qualify/v2.yaml:12:11: rule too-small: undefined field 'employes'
      |     when: lead.company.employes < 50
      |                       ^
      did you mean 'employees'?
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from dealgate.model.codes import Code
from dealgate.model.rules import Place

MANY = 12


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong at `place`, and the cure; `line` is the source line it stands on, if any.

    `code` is its stable name, whatever the message says.
    """

    place: Place
    message: str
    hint: str = ""
    line: str = field(default="", compare=False)
    code: Code = field(default=Code.RULES_INVALID, compare=False)

    def __str__(self) -> str:
        """The message on one line, then the source line with a caret, then the hint."""
        shown = [f"{self.place}: {self.message}"]
        if self.line.strip():
            gap = "".join("\t" if c == "\t" else " " for c in self.line[: self.place.column - 1])
            shown += [f"  | {self.line}", f"  | {gap}^"]
        return "\n".join([*shown, *(f"  {line}" for line in self.hint.splitlines())])


@contextmanager
def coded_as(code: Code, faults: list[Fault]) -> Iterator[None]:
    """Give the faults that are added meanwhile this code, unless they have one of their own."""
    before = len(faults)
    yield
    faults[before:] = [
        replace(fault, code=code) if fault.code is Code.RULES_INVALID else fault
        for fault in faults[before:]
    ]


class RulebookFaults(Exception):
    """Files that cannot be used, with every fault found, in the order of files and lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """`faults` is not empty; those that repeat one another are said once."""
        self.faults: Sequence[Fault] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest known word, or else with the known ones, the first of many."""
    words = sorted(known)
    lowered = {candidate.lower(): candidate for candidate in words}
    close = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{lowered[close[0]]}'?"
    shown = words if len(words) <= MANY else [*words[:MANY], "…"]
    return f"known: {', '.join(shown)}" if words else ""
