"""Results as JUnit XML, as continuous integration reads it."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from dealgate.cases.findings import Findings
from dealgate.cases.results import Result
from dealgate.model.faults import Fault
from dealgate.model.rules import Location
from dealgate.model.shown import visible

SEEN = "every condition is seen true, false and unknown"
NOTICED = "every mutant is noticed"


def junit(results: Sequence[Result]) -> str:
    """Return the document: a suite a rule set, a test case a case.

    What the cases leave out is one failed test case each; if nothing is, one that passed says so.
    """
    root = ET.Element("testsuites", name="dealgate test")
    for result in results:
        _suite(root, result)
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in root):.6f}")
    for element in root.iter():
        element.attrib = {key: visible(value) for key, value in element.attrib.items()}
        element.text = element.text and visible(element.text, keep="\n\t")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, result: Result) -> None:
    suite = ET.SubElement(root, "testsuite", name=result.ruleset, file=result.file)
    for report in result.reports:
        _case(suite, report.case, report.location, report.failures, report.seconds)
    for findings, claim in ((result.coverage, SEEN), (result.mutation, NOTICED)):
        if findings is not None:
            _findings(suite, findings, claim, result)
    cases = list(suite)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(len(case) > 0 for case in cases)))
    suite.set("errors", "0")
    suite.set("skipped", "0")
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.6f}")


def _findings(suite: ET.Element, findings: Findings, claim: str, result: Result) -> None:
    faults = [*(finding.fault for finding in findings.missing), *findings.stale]
    for fault in faults:
        _case(suite, fault.message, fault.location, [fault], 0)
    if not faults:
        _case(suite, claim, Location(result.file, 1, 1), [], 0)


def _case(
    suite: ET.Element, name: str, location: Location, failures: Sequence[Fault], seconds: float
) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        name=name,
        classname=suite.get("name", ""),
        file=location.file,
        line=str(location.line),
        time=f"{seconds:.6f}",
    )
    if failures:
        message = "; ".join(fault.message for fault in failures)
        failure = ET.SubElement(case, "failure", message=message, type=failures[0].code)
        failure.text = "\n".join(str(fault) for fault in failures)
