"""What a check found, as code hosts show it beside the line: GitHub's commands, and SARIF."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from dealgate import __version__
from dealgate.model.codes import Severity
from dealgate.model.location import Location
from dealgate.model.shown import visible_json

COMMANDS = {Severity.FAULT: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
LEVELS = {Severity.FAULT: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
# In a message, and besides in what stands before it.
ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A"}
SETTINGS = {**ESCAPED, ":": "%3A", ",": "%2C"}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A fault, warning or note at a location; `text` has the cure below the message."""

    location: Location
    severity: Severity
    code: str
    text: str


def github(annotations: Sequence[Annotation]) -> str:
    """Return workflow commands, a line for each."""
    return "\n".join(
        f"::{COMMANDS[each.severity]} file={_escaped(each.location.file, SETTINGS)}"
        f",line={each.location.line},col={each.location.column}"
        f",title={_escaped(each.code, SETTINGS)}::{_escaped(each.text, ESCAPED)}"
        for each in annotations
    )


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)


def sarif(annotations: Sequence[Annotation]) -> str:
    """Return a log in SARIF 2.1.0."""
    driver = {"name": "dealgate", "version": __version__, "rules": _rules(annotations)}
    run = {"tool": {"driver": driver}, "results": [*map(_result, annotations)]}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    log = {"$schema": schema, "version": "2.1.0", "runs": [run]}
    return visible_json(json.dumps(log, indent=2, ensure_ascii=False))


def _rules(annotations: Sequence[Annotation]) -> list[dict[str, str]]:
    return [{"id": code} for code in sorted({each.code for each in annotations})]


def _result(annotation: Annotation) -> dict[str, object]:
    region = {
        "startLine": annotation.location.line,
        "startColumn": annotation.location.column,
    }
    place = {"artifactLocation": {"uri": annotation.location.file}, "region": region}
    return {
        "ruleId": annotation.code,
        "level": LEVELS[annotation.severity],
        "message": {"text": annotation.text},
        "locations": [{"physicalLocation": place}],
    }
