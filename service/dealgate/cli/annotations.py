"""What a check found, as code hosts show it next to the line: GitHub's commands, and SARIF."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dealgate import __version__
from dealgate.model.codes import Severity
from dealgate.model.location import Location
from dealgate.model.shown import visible_json

if TYPE_CHECKING:  # loading what reads rules takes longer than printing what is known of them
    from dealgate.model.faults import Fault

EMPTY: Mapping[str, Any] = {}
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


def of_faults(faults: "Iterable[Fault]") -> Sequence[Annotation]:
    """Return faults as they are shown, each with its cure."""
    return [
        Annotation(
            fault.location,
            fault.severity,
            fault.code.value,
            f"{fault.message}\n{fault.hint}" if fault.hint else fault.message,
        )
        for fault in faults
    ]


def written(
    annotations: Sequence[Annotation], format_: str, answer: Mapping[str, Any] = EMPTY
) -> str:
    """Return them in a format, "github", "sarif" or "json", as whole lines; JSON has `answer`."""
    if format_ == "json":
        return f"{_json(annotations, answer)}\n"
    text = {"github": github, "sarif": sarif}[format_](annotations)
    return f"{text}\n" if text else ""


def _json(annotations: Sequence[Annotation], answer: Mapping[str, Any]) -> str:
    shown = [
        {
            "file": annotation.location.file,
            "line": annotation.location.line,
            "column": annotation.location.column,
            "severity": annotation.severity.value,
            "code": annotation.code,
            "message": annotation.text,
        }
        for annotation in annotations
    ]
    document = {**answer, "findings": shown}
    return visible_json(json.dumps(document, indent=2, ensure_ascii=False))


def github(annotations: Sequence[Annotation]) -> str:
    """Return workflow commands, a line for each."""
    return "\n".join(
        f"::{COMMANDS[annotation.severity]} file={_escaped(annotation.location.file, SETTINGS)}"
        f",line={annotation.location.line},col={annotation.location.column}"
        f",title={_escaped(annotation.code, SETTINGS)}::{_escaped(annotation.text, ESCAPED)}"
        for annotation in annotations
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
    return [{"id": code} for code in sorted({annotation.code for annotation in annotations})]


def _result(annotation: Annotation) -> dict[str, object]:
    region = {
        "startLine": annotation.location.line,
        "startColumn": annotation.location.column,
    }
    physical = {"artifactLocation": {"uri": annotation.location.file}, "region": region}
    return {
        "ruleId": annotation.code,
        "level": LEVELS[annotation.severity],
        "message": {"text": annotation.text},
        "locations": [{"physicalLocation": physical}],
    }
