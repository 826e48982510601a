"""`dealgate check`: every fault in rule files at once, and what can be proved of the rules.

What is known of files that did not change is printed without reading them (`desk/verdicts.py`).
"""

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from dealgate.cli.annotations import Annotation, github, sarif
from dealgate.cli.echo import echo, echo_json
from dealgate.cli.known_findings import found_in
from dealgate.cli.options import RULES, Rules, Selection
from dealgate.cli.shown import Coded, coded, faults_shown, pages
from dealgate.cli.verdicts import (
    UNREAD_SHOWN,
    Document,
    Unread,
    annotations,
    findings,
    is_faulty,
    unknown,
    warnings,
)
from dealgate.cli.watch import Watch, rerun
from dealgate.model.codes import Severity


class Format(Enum):
    """How the results are reported."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def check(
    selection: Selection = None,
    rules: Rules = RULES,
    format_: Annotated[Format, typer.Option("--format", help="Output format.")] = Format.TEXT,
    verbose: Annotated[  # noqa: FBT002  # typer's way
        bool,
        typer.Option("--verbose", "-v", help="Show all findings, and what could not be proved."),
    ] = False,
    *,
    watch: Watch = False,
) -> None:
    """Check rule files: all faults at once, with location, description and suggested fix.

    Every file of the selected kinds is read, whatever is wrong with others. Then the selected rules
    that faults do not affect are analysed over all facts: rules that can never fire or that others
    make redundant, parts of conditions that have no effect, gaps and overlaps of tables. For the
    version that decides now, the check lists facts that callers may send but neither a rule nor the
    kind reads. Signals are checked too, or alone: `dealgate check signals`,
    `signals/pricing-visits`. Fails on faults; warnings and notes are for the author to judge.
    """
    if watch:
        rerun(rules, partial(check, selection, rules, format_, verbose))
    if format_ is Format.JSON:
        _tell_json(rules, selection)
    elif format_ is Format.TEXT:
        _tell_text(rules, selection, verbose=verbose)
    else:
        _annotate(rules, selection, github if format_ is Format.GITHUB else sarif)


def _tell_text(rules: Path, selection: str | None, *, verbose: bool) -> None:
    """Print what is found; leave with 1 if any of it is a fault."""
    checked = found_in(rules, selection)
    documents, signals = checked.kinds, checked.signals
    told: list[Coded] = [warning for kind, _ in documents for warning in warnings(kind)]
    for warning in told:
        echo(coded(warning))
    for kind, versions in documents:
        for version in versions:
            told += _tell(version, verbose=verbose, released=_is_released(kind, version))
            told += _tell_unread(version["unread"] or (), verbose=verbose)
    for signal in signals:
        echo(signal["text"])
    echo(pages(told).removeprefix("\n"), nl=bool(told), err=True)
    if checked.passed_over:
        echo(f"not proved because of the faults below: {', '.join(checked.passed_over)}", err=True)
    if checked.faults:
        from dealgate.rulebook.faults import RulebookFaults  # noqa: PLC0415  # see `_checked_documents`

        with faults_shown():
            raise RulebookFaults(checked.faults)
    if any(is_faulty(version) for _, versions in documents for version in versions):
        raise typer.Exit(1)


def _is_released(kind: Document, version: Document) -> bool:
    return int(version["name"].partition("@")[2]) in kind["released"]


def _tell_unread(paths: Sequence[str], *, verbose: bool) -> Sequence[Coded]:
    """Print which facts callers send for nothing; return it if there are any."""
    if not paths:
        return []
    unread_facts = Unread(paths, None if verbose else UNREAD_SHOWN)
    echo(coded(unread_facts))
    return [unread_facts]


def _tell(version: Document, *, verbose: bool, released: bool) -> Sequence[Coded]:
    """Print what was found; return what of it has a page."""
    # What is released cannot be changed any more, so by default only its faults are reported.
    told = {Severity.FAULT} if released else {Severity.FAULT, Severity.WARNING}
    all_ = findings(version)
    shown = [finding for finding in all_ if verbose or finding.severity in told]
    for finding in shown:
        echo(coded(finding), err=finding.severity is Severity.FAULT)
    open_ = unknown(version) if verbose else ()
    for each in open_:
        echo(coded(each))
    hidden = sum(finding.severity is Severity.WARNING for finding in all_ if finding not in shown)
    more = f", {hidden} warning{'' if hidden == 1 else 's'} (--verbose)" if hidden else ""
    accepted = len(version["accepted"])
    more += f", {accepted} finding{'' if accepted == 1 else 's'} accepted" if accepted else ""
    state = "released" if released else "draft"
    echo(f"{version['name']}: {version['summary']}{more}, {state}, {version['digest']}")
    for table in version["tables"]:
        rows = f"{table['rows']} row{'' if table['rows'] == 1 else 's'}"
        echo(f"  table {table['id']}: {rows}, hit policy {table['hit']}")
    return [*shown, *open_]


def _annotate(
    rules: Path, selection: str | None, written: Callable[[Sequence[Annotation]], str]
) -> None:
    """Print what code hosts show beside the lines: of what is released, faults alone."""
    shown = [*annotations(_shown_beside(rules, selection))]
    echo(written(shown), nl=bool(shown) or written is sarif)
    if any(annotation.severity is Severity.FAULT for annotation in shown):
        raise typer.Exit(1)


def _shown_beside(rules: Path, selection: str | None) -> Sequence[Document]:
    checked = found_in(rules, selection)
    documents = checked.kinds
    shown = [
        *_documents(checked.faults),
        *(warning for kind, _ in documents for warning in kind["warnings"]),
    ]
    for kind, versions in documents:
        for version in versions:
            released = _is_released(kind, version)
            shown += [
                finding
                for finding in version["findings"]
                if not released or finding["severity"] == Severity.FAULT.value
            ]
    return shown


def _documents(faults: Sequence[Any]) -> Sequence[Document]:
    if not faults:
        return []
    from dealgate.cli.checking import fault_document  # noqa: PLC0415  # see `_checked_documents`

    return [*map(fault_document, sorted(set(faults)))]


def _tell_json(rules: Path, selection: str | None) -> None:
    documents, signals, faults, passed_over = found_in(rules, selection)
    shown = [
        {"released": _is_released(kind, version), **_without(version, "summary")}
        for kind, versions in documents
        for version in versions
    ]
    warned = [_plain(warning) for kind, _ in documents for warning in kind["warnings"]]
    told: dict[str, Any] = {"faults": [*map(_plain, _documents(faults))]}
    if faults:
        told["not_proved"] = [*passed_over]
    told |= {"warnings": warned, "rulesets": shown}
    if signals:
        told["signals"] = [_without(signal, "text") for signal in signals]
    echo_json(told)
    if faults or any(is_faulty(version) for _, versions in documents for version in versions):
        raise typer.Exit(1)


def _plain(fault: Document) -> dict[str, Any]:
    return _without(fault, "text", "severity")


def _without(document: Document, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}
