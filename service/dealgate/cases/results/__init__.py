"""What `dealgate test` found, and the formats it is reported in: text, JUnit XML, JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from dealgate.cases.findings import Findings
from dealgate.cases.mutation.known import Noticed
from dealgate.desk.trials import CaseReport
from dealgate.model.faults import Fault


@dataclass(frozen=True, slots=True)
class Result:
    """How the cases of one rule set went, and what they leave out.

    `file` is where they stand; `coverage` and `mutation` are None if they were not asked for, or
    cannot be known because a case failed. `known` is what stands for `mutation` if it was known.
    """

    ruleset: str
    file: str
    reports: Sequence[CaseReport]
    coverage: Findings | None = None
    mutation: Findings | None = None
    known: Noticed | None = None

    @property
    def failed(self) -> int:
        """How many cases failed."""
        return sum(not report.passed for report in self.reports)

    @property
    def faults(self) -> Sequence[Fault]:
        """Everything that is wrong, in the order it is reported."""
        failures = [fault for report in self.reports for fault in report.failures]
        for findings in (self.coverage, self.mutation):
            if findings is not None:
                failures += [finding.fault for finding in findings.missing]
                failures += findings.stale
        return failures
