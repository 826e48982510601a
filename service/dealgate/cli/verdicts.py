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
class Told:
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


def warnings(kind: Document) -> Sequence[Told]:
    """Return what is likely wrong in the files of a kind."""
    return [
        Told(each["text"], Code(each["code"]), Severity(each["severity"]))
        for each in kind["warnings"]
    ]


def findings(version: Document) -> Sequence[Told]:
    """Return what was found of a version."""
    return [
        Told("\n".join(_lines(each)), Code(each["code"]), Severity(each["severity"]))
        for each in version["findings"]
    ]


def _lines(finding: Document) -> Iterator[str]:
    """Yield the message, then the facts that show it, then the cure."""
    place = f"{finding['file']}:{finding['line']}:{finding['column']}"
    yield f"{place}: {finding['severity']}: {finding['subject']} {finding['message']}"
    witness = finding["witness"]
    if witness is not None:
        yield f"  as_of: {witness['as_of']}"
        yield f"  facts: {witness['facts']}"
    if finding["hint"]:
        yield f"  {finding['hint']}"


def unknown(version: Document) -> Sequence[Told]:
    """Return what stays unknown of a version."""
    found = []
    for each in version["unknown"]:
        place = f"{each['file']}:{each['line']}:{each['column']}"
        detail = f": {each['detail']}" if each["detail"] else ""
        text = f"{place}: unknown: {each['subject']}: {each['why']}{detail}"
        found.append(Told(text, Code(each["code"]), Severity.NOTE))
    return found


def is_faulty(version: Document) -> bool:
    """Tell whether anything that was found fails the check."""
    return any(each["severity"] == Severity.FAULT.value for each in version["findings"])


def annotations(documents: Sequence[Document]) -> Sequence[Annotation]:
    """Return faults, warnings or findings as code hosts show them beside lines."""
    return [
        Annotation(
            Location(each["file"], each["line"], each["column"]),
            Severity(each["severity"]),
            each["code"],
            _joined(f"{each.get('subject', '')} {each['message']}".lstrip(), each["hint"]),
        )
        for each in documents
    ]


def _joined(message: str, hint: str) -> str:
    return f"{message}\n{hint}" if hint else message
