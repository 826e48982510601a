"""Faults as an editor shows them, and the cures that it can apply by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol.types import (
    CodeAction,
    CodeActionKind,
    Diagnostic,
    DiagnosticSeverity,
    Range,
    TextEdit,
    WorkspaceEdit,
)

from dealgate.lsp.positions import Positions
from dealgate.model.codes import Severity
from dealgate.model.faults import Fault

TOKEN = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|[\w.-]+|[^\s\w]+")
DID_YOU_MEAN = re.compile(r"did you mean '([^']+)'\?")
IN_QUOTES = re.compile(r"put it in quotes: (\".+\")")
A_DAY = re.compile(r"write (date\(\"[\d-]+\"\))")
BLOCK = re.compile(r"write it as a block:\n  ([\w.-]+): \|\n    (.+)")
QUOTED_WORD = re.compile(r"'([^']+)'")


SEVERITIES = {
    Severity.FAULT: DiagnosticSeverity.Error,
    Severity.WARNING: DiagnosticSeverity.Warning,
    Severity.NOTE: DiagnosticSeverity.Information,
}


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of the code points from `start` to `end`; `title` says what that does."""

    start: int
    end: int
    text: str
    title: str


def diagnostic(
    fault: Fault, positions: Positions, severity: Severity = Severity.FAULT
) -> Diagnostic:
    """Return the fault as an editor shows it; the cure is part of its message."""
    start, end = span(fault, positions)
    return Diagnostic(
        range=positions.range(start, end),
        message="\n".join(part for part in (fault.message, fault.hint) if part),
        severity=SEVERITIES[severity],
        source="dealgate",
        code=fault.code,
    )


def span(fault: Fault, positions: Positions) -> tuple[int, int]:
    """Return the word that a fault stands at; at the end of a line, its last one."""
    start = positions.line_start(fault.location.line - 1) + fault.location.column - 1
    start = min(start, len(positions.text))
    token = TOKEN.match(positions.text, start)
    if token:
        return start, token.end()
    return max(start - 1, 0), start


def actions(
    faults: Sequence[Fault], uri: str, positions: Positions, within: Range
) -> list[CodeAction]:
    """Return the cures of those faults that stand `within` a range and can be cured by an edit."""
    code_actions = []
    for fault in faults:
        shown = diagnostic(fault, positions)
        edit = cure(fault, positions) if _touch(shown.range, within) else None
        if edit is not None:
            change = TextEdit(positions.range(edit.start, edit.end), edit.text)
            code_actions.append(CodeAction(
                title=edit.title,
                kind=CodeActionKind.QuickFix,
                diagnostics=[shown],
                is_preferred=True,
                edit=WorkspaceEdit(changes={uri: [change]}),
            ))  # fmt: skip
    return code_actions


def cure(fault: Fault, positions: Positions) -> Edit | None:
    """Return the edit that the fault's hint describes; None if it leaves a choice."""
    start, _ = span(fault, positions)
    if match := DID_YOU_MEAN.search(fault.hint):
        return _replaced(fault, positions.text, start, match[1])
    if match := IN_QUOTES.search(fault.hint):
        return _replaced(fault, positions.text, start, match[1])
    if match := A_DAY.search(fault.hint):
        day = re.compile(r"[\d-]+").match(positions.text, start)
        return Edit(start, day.end(), match[1], f"Write {match[1]}") if day else None
    if match := BLOCK.search(fault.hint):
        return _as_block(positions.text, start, match[1], match[2])
    if fault.hint.startswith("delete the quotes"):
        return _unquoted(positions.text, start)
    return None


def _replaced(fault: Fault, text: str, start: int, better: str) -> Edit | None:
    """Replace the word that the message names and that stands there."""
    for word in QUOTED_WORD.findall(fault.message):
        at = start + (text[start : start + 1] in {'"', "'"})
        if text.startswith(word, at) and word != better:
            return Edit(at, at + len(word), better, f"Write {better}")
    return None


def _as_block(text: str, index: int, key: str, value: str) -> Edit | None:
    """Put the value of `key` below a bar; None if it goes on over several lines."""
    start = text.rfind("\n", 0, index) + 1
    end = text.find("\n", index) % (len(text) + 1)
    head = re.match(r"[ \t]*(?:- +)*", text[start:end])
    column = len(head[0]) if head else 0
    if not text.startswith(f"{key}:", start + column):
        return None
    below = re.match(r"\r?\n( *)\S", text[end:])
    if below and len(below[1]) > column:
        return None
    block = f"{key}: |\n{' ' * (column + 2)}{value.strip()}"
    return Edit(start + column, end, block, "Put it below a bar")


def _unquoted(text: str, start: int) -> Edit | None:
    match = re.compile(r"([\"'])([^\"'\n]*)\1").match(text, start)
    return Edit(start, match.end(), match[2], "Delete the quotes") if match else None


def _touch(a: Range, b: Range) -> bool:
    first, second = (
        (location.start.line, location.start.character, location.end.line, location.end.character)
        for location in (a, b)
    )
    return first[:2] <= second[2:] and second[:2] <= first[2:]
