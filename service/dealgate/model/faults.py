"""A fault in a rule file, worded for the people who write rules.

It names its place, what is wrong and the cure, and is printed as

    rules/qualify/v2.yaml:12:11: rule too-small: undefined field 'employes'
      |     when: lead.company.employes < 50
      |                       ^
      did you mean 'employees'?
"""

from dataclasses import dataclass, field

from dealgate.model.codes import WARNED, Code, Severity
from dealgate.model.rules import Location
from dealgate.model.shown import visible

TAB = "\t"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong at `place`, and the cure; `line` is its source line, if any.

    Of a long line only what is shown is kept, from `cut` characters on: a file of many faults on
    one line would otherwise cost the square of its size. `code` is its stable name, whatever the
    message says.
    """

    location: Location
    message: str
    hint: str = ""
    line: str = field(default="", compare=False)
    code: Code = field(default=Code.RULES_INVALID, compare=False)
    cut: int = field(default=0, compare=False)

    @property
    def severity(self) -> Severity:
        """A fault keeps rules from being used; a warning does not."""
        return Severity.WARNING if self.code in WARNED else Severity.FAULT

    def __str__(self) -> str:
        """The message on one line, then the source line with a caret, then the hint."""
        shown = [visible(f"{self.location}: {self.message}")]
        if self.line.strip():
            before = visible(self.line[: self.location.column - 1 - self.cut], TAB)
            gap = "".join("\t" if c == "\t" else " " for c in before)
            left, right = ("…", " ") if self.cut else ("", "")
            shown += [f"  | {left}{visible(self.line, TAB)}", f"  | {right}{gap}^"]
        hints = self.hint.split("\n") if self.hint else []
        return "\n".join([*shown, *(f"  {visible(line, TAB)}" for line in hints)])
