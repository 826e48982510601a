"""What a proof says to whoever wrote the rules: a finding, and how much was proved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dealgate.desk.writing import written_facts
from dealgate.model.rules import AnyRuleSet, Place
from dealgate.proof.witness import Witness
from dealgate.rulebook.instants import written


class What(Enum):
    """The sort of a finding."""

    NEVER_FIRES = "never fires"
    NEVER_FALSE = "never false"
    POINTLESS = "pointless condition"
    REDUNDANT = "redundant"
    GAP = "gap"
    OVERLAP = "overlap"
    MASKED = "masked"
    IMPOSSIBLE_VALUE = "impossible value"
    UNREACHABLE_STAGE = "unreachable stage"
    DEAD_END = "dead end"
    UNATTAINABLE = "unattainable"


class Severity(Enum):
    """A fault fails the check; a warning is likely a mistake; a note is good to know."""

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about `subject` ("rule too-small", "table company-size") at `place`.

    All of it is proved. `witness` are facts that show it, on which the engine agreed.
    """

    place: Place
    subject: str
    what: What
    severity: Severity
    message: str
    hint: str = ""
    witness: Witness | None = None

    def __str__(self) -> str:
        """The message on one line, then the facts that show it, then the cure."""
        lines = [f"{self.place}: {self.severity.value}: {self.subject} {self.message}"]
        if self.witness is not None:
            lines.append(f"  as_of: {written(self.witness.as_of)}")
            lines.append(f"  facts: {written_facts(self.witness.facts)}")
        return "\n".join([*lines, *([f"  {self.hint}"] if self.hint else [])])

    def as_json(self) -> dict[str, Any]:
        """Return it for tools: plain values, the facts as YAML text."""
        shown = None
        if self.witness is not None:
            as_of, facts = written(self.witness.as_of), written_facts(self.witness.facts)
            shown = {"as_of": as_of, "facts": facts}
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "subject": self.subject,
            "what": self.what.value,
            "severity": self.severity.value,
            "message": self.message,
            "hint": self.hint,
            "witness": shown,
        }


@dataclass(frozen=True, slots=True)
class Unknown:
    """A rule or table of which not everything could be said, and why."""

    place: Place
    subject: str
    why: str
    detail: str = ""

    def __str__(self) -> str:
        """`rules/score/v2.yaml:84:5: unknown: rule hard-bounce looks into a list: …`."""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.place}: unknown: {self.subject}: {self.why}{detail}"


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found about one rule set, and the rules and tables that stay unknown."""

    ruleset: AnyRuleSet
    findings: Sequence[Finding]
    unknown: Sequence[Unknown] = field(default_factory=tuple)

    @property
    def faults(self) -> Sequence[Finding]:
        """Those that fail the check."""
        return [finding for finding in self.findings if finding.severity is Severity.FAULT]

    @property
    def proved(self) -> int:
        """How many rules of which all was said that could be."""
        return len(self.ruleset.rules) - len(self.open)

    @property
    def open(self) -> set[str]:
        """The rules of which something stays unknown."""
        return {each.subject for each in self.unknown if each.subject.startswith("rule ")}

    def as_json(self) -> dict[str, Any]:
        """Return it for tools."""
        return {
            "rules": len(self.ruleset.rules),
            "proved": self.proved,
            "unknown": [
                {"subject": each.subject, "why": each.why, "detail": each.detail}
                for each in self.unknown
            ],
            "findings": [finding.as_json() for finding in self.findings],
        }

    @property
    def summary(self) -> str:
        """`41 rules: 33 proved, 8 unknown (looks into a list: 5; …)`."""
        text = f"{len(self.ruleset.rules)} rules: {self.proved} proved"
        if not self.unknown:
            return text
        reasons = [each.why for each in self.unknown]
        counted = sorted({(-reasons.count(why), why) for why in reasons})
        words = "; ".join(f"{why}: {-count}" if count < -1 else why for count, why in counted)
        return f"{text}, {len(self.open)} unknown ({words})"
