"""The words for what a check found of a version, from plain data: fresh, or remembered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dealgate.cli.annotations import Annotation
from dealgate.model.codes import Code, Severity
from dealgate.model.location import Location

Document = Mapping[str, Any]
# Kinds that read opportunities have dozens.
UNREAD_SHOWN = 6


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """What is said, in words, with its code and how grave it is."""

    text: str
    code: Code
    severity: Severity

    def __str__(self) -> str:
        """The words."""
        return self.text


@dataclass(frozen=True, slots=True)
class Unread:
    """Facts that callers send for nothing, as long as a version decides; `most` are shown."""

    paths: Sequence[str]
    most: int | None = UNREAD_SHOWN
    code: Code = Code.FACTS_UNREAD

    def __str__(self) -> str:
        """On one line."""
        left_out = len(self.paths[self.most :]) if self.most is not None else 0
        more = f" and {left_out} more (--verbose)" if left_out else ""
        return f"  no rule reads {', '.join(self.paths[: self.most])}{more}"


def warnings(kind: Document) -> Sequence[KnownFinding]:
    """Return what is likely wrong in the files of a kind."""
    return [
        KnownFinding(warning["text"], Code(warning["code"]), Severity(warning["severity"]))
        for warning in kind["warnings"]
    ]


def findings(version: Document) -> Sequence[KnownFinding]:
    """Return what was found of a version."""
    return [
        KnownFinding(
            "\n".join(_lines(finding)), Code(finding["code"]), Severity(finding["severity"])
        )
        for finding in version["findings"]
    ]


def _lines(finding: Document) -> Iterator[str]:
    """Yield the message, then the facts that show it, then the cure."""
    location = f"{finding['file']}:{finding['line']}:{finding['column']}"
    yield f"{location}: {finding['severity']}: {finding['subject']} {finding['message']}"
    witness = finding["witness"]
    if witness is not None:
        yield f"  as_of: {witness['as_of']}"
        yield f"  facts: {witness['facts']}"
    if finding["hint"]:
        yield f"  {finding['hint']}"


def unknown(version: Document) -> Sequence[KnownFinding]:
    """Return what stays unknown of a version."""
    codes = []
    for finding in version["unknown"]:
        location = f"{finding['file']}:{finding['line']}:{finding['column']}"
        detail = f": {finding['detail']}" if finding["detail"] else ""
        text = f"{location}: unknown: {finding['subject']}: {finding['why']}{detail}"
        codes.append(KnownFinding(text, Code(finding["code"]), Severity.NOTE))
    return codes


def is_faulty(version: Document) -> bool:
    """Tell whether anything that was found fails the check."""
    return any(finding["severity"] == Severity.FAULT.value for finding in version["findings"])


def annotations(documents: Sequence[Document]) -> Sequence[Annotation]:
    """Return faults, warnings or findings as code hosts show them beside lines."""
    return [
        Annotation(
            Location(document["file"], document["line"], document["column"]),
            Severity(document["severity"]),
            document["code"],
            _joined(
                f"{document.get('subject', '')} {document['message']}".lstrip(), document["hint"]
            ),
        )
        for document in documents
    ]


def _joined(message: str, hint: str) -> str:
    return f"{message}\n{hint}" if hint else message
