"""An impact as JUnit XML: whether it is within bounds, its causes, and what nobody exercises."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any


def junit(told: Mapping[str, Any], over: Sequence[str]) -> str:
    """Return the document; `over` says which bounds the impact is over, each one a failure."""
    name = f"{told['old']['rule_set']} → {told['new']['rule_set']}"
    root = ET.Element("testsuites", name="dealgate impact")
    suite = ET.SubElement(root, "testsuite", name=name)
    flips = told["flips"]
    title = f"{flips['decisions']} of {told['decisions']} decisions flip"
    case = _case(suite, title)
    for words in over:
        ET.SubElement(case, "failure", message=words, type="impact-over-bound")
    for cause in told["causes"]:
        _cause(suite, cause)
    for rule in told["not_exercised"]:
        message = "no recorded decision exercises it"
        ET.SubElement(_case(suite, f"rule {rule}"), "skipped", message=message)
    counts = {
        "tests": len(suite),
        "failures": sum(case.find("failure") is not None for case in suite),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in suite),
    }
    for count, number in counts.items():
        suite.set(count, str(number))
        root.set(count, str(number))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _cause(suite: ET.Element, cause: Mapping[str, Any]) -> None:
    title = f"{cause['old']} → {cause['new']}: {cause['cause']}"
    case = _case(suite, title)
    lines = [f"{cause['decisions']} decisions", cause["condition"], cause["case"]]
    ET.SubElement(case, "system-out").text = "\n".join(line for line in lines if line)


def _case(suite: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", name=name, classname=suite.get("name", ""))
