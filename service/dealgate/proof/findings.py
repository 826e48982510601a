"""What a proof reports to the rules' authors: a finding, and how much was proved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dealgate.desk.writing import written_facts
from dealgate.model.codes import Code, Severity
from dealgate.model.rules import AnyRuleSet, Location
from dealgate.proof.witness import Witness
from dealgate.rulebook.acceptance import Identity
from dealgate.rulebook.instants import written

# Where an author finds what a subject names.
SECTIONS = {
    "rule": "rules",
    "row": "rules",
    "fact": "facts",
    "constant": "constants",
    "table": "tables",
    "stage": "stages",
}


EVERY_RULE = "all rules"  # the subject of what is unknown of a whole version


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about `subject` ("rule too-small", "table company-size") at `place`.

    All of it is proved. `witness` are facts that show it, on which the engine agreed.
    """

    location: Location
    subject: str
    code: Code
    severity: Severity
    message: str
    hint: str = ""
    witness: Witness | None = None

    @property
    def identity(self) -> Identity:
        """What it is known by, whatever the message says."""
        return Identity(self.code, at_of(self.subject))

    def __str__(self) -> str:
        """The message on one line, then the facts that show it, then the cure."""
        lines = [f"{self.location}: {self.severity.value}: {self.subject} {self.message}"]
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
            "file": self.location.file,
            "line": self.location.line,
            "column": self.location.column,
            "subject": self.subject,
            "code": self.code,
            "at": self.identity.at,
            "severity": self.severity.value,
            "message": self.message,
            "hint": self.hint,
            "witness": shown,
        }


@dataclass(frozen=True, slots=True)
class Unknown:
    """A rule or table of which not everything could be said, and why."""

    location: Location
    subject: str
    why: str
    detail: str = ""
    code: Code = Code.NOT_PROVED

    def __str__(self) -> str:
        """`rules/score/v2.yaml:84:5: unknown: rule hard-bounce looks into a list: …`."""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.location}: unknown: {self.subject}: {self.why}{detail}"


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found about one rule set, and the rules and tables that stay unknown.

    `accepted` was found too, and its author said why it is meant.
    """

    ruleset: AnyRuleSet
    findings: Sequence[Finding]
    unknown: Sequence[Unknown] = field(default_factory=tuple)
    accepted: Sequence[Finding] = ()

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
        subjects = {finding.subject for finding in self.unknown}
        if EVERY_RULE in subjects:
            return {f"rule {rule.id}" for rule in self.ruleset.rules}
        return {subject for subject in subjects if subject.startswith("rule ")}

    def as_json(self) -> dict[str, Any]:
        """Return it for tools."""
        return {
            "rules": len(self.ruleset.rules),
            "proved": self.proved,
            "unknown": [
                {
                    "file": finding.location.file,
                    "line": finding.location.line,
                    "column": finding.location.column,
                    "code": finding.code,
                    "subject": finding.subject,
                    "why": finding.why,
                    "detail": finding.detail,
                }
                for finding in self.unknown
            ],
            "findings": [finding.as_json() for finding in self.findings],
            "accepted": [finding.as_json() for finding in self.accepted],
        }

    @property
    def summary(self) -> str:
        """`41 rules: 33 proved, 8 unknown (looks into a list: 5; …)`."""
        text = f"{len(self.ruleset.rules)} rules: {self.proved} proved"
        if not self.unknown:
            return text
        reasons = [finding.why for finding in self.unknown]
        counted = sorted({(-reasons.count(why), why) for why in reasons})
        words = "; ".join(f"{why}: {-count}" if count < -1 else why for count, why in counted)
        return f"{text}, {len(self.open)} unknown ({words})"


def at_of(subject: str) -> str:
    """Return the path of what a subject names: `rules.too-small` for "rule too-small"."""
    word, _, name = subject.partition(" ")
    return f"{SECTIONS[word]}.{name}" if word in SECTIONS else subject
