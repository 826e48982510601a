"""Results as JSON, for programs. Keys are only ever added; rules/README.md lists them."""

import json
from collections.abc import Sequence
from typing import Any

from dealgate.cases.findings import CaseFinding, Findings
from dealgate.cases.mutation.mutants import Mutant
from dealgate.cases.results import Result
from dealgate.cases.vocabularies import UnseenValue
from dealgate.desk.trials import CaseReport
from dealgate.model.faults import Fault

FORMAT = 1


def document(results: Sequence[Result]) -> str:
    """Return the document."""
    passed = not any(result.faults for result in results)
    told = {
        "format": FORMAT,
        "passed": passed,
        "rule_sets": [_result(result) for result in results],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _result(result: Result) -> dict[str, Any]:
    return {
        "rule_set": result.ruleset,
        "file": result.file,
        "passed": not result.faults,
        "cases": [_case(report) for report in result.reports],
        "coverage": _findings(result.coverage),
        "mutation": _findings(result.mutation),
    }


def _case(report: CaseReport) -> dict[str, Any]:
    return {
        "name": report.case,
        "file": report.location.file,
        "line": report.location.line,
        "passed": report.passed,
        "seconds": round(report.seconds, 6),
        "failures": [_fault(fault) for fault in report.failures],
    }


def _findings(findings: Findings | None) -> dict[str, Any] | None:
    if findings is None:
        return None
    return {
        "demanded": findings.demanded,
        "missing": [_finding(finding) for finding in findings.missing],
        "accepted": [_finding(finding) for finding in findings.accepted],
        "stale": [_fault(finding) for finding in findings.stale],
    }


def _finding(finding: CaseFinding) -> dict[str, Any]:
    about, identity = finding.about, finding.identity
    told = {**_fault(finding.fault), "at": identity.at, "accept": identity.accepted}
    if isinstance(about, Mutant):
        return {**told, "before": about.before, "after": about.after}
    if isinstance(about, UnseenValue):
        return {**told, "condition": about.condition, "unseen": "true"}
    return {**told, "condition": about.condition.text, "unseen": about.truth.name.lower()}


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "file": fault.location.file,
        "line": fault.location.line,
        "column": fault.location.column,
        "code": fault.code,
        "message": fault.message,
        "hint": fault.hint,
    }
