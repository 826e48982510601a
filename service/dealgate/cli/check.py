"""`dealgate check`: every fault in rule files at once, and what can be proved of the rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from time import time_ns
from typing import Annotated, Any

import typer

from dealgate.cli.annotations import Annotation, github, of_fault, of_finding, sarif
from dealgate.cli.echo import echo, echo_json
from dealgate.cli.selection import RULES, Rules, Selection, kind_of, selected
from dealgate.cli.shown import Coded, coded, faults_shown, pages
from dealgate.cli.watch import Watch, rerun
from dealgate.desk.expressions import expression_checker
from dealgate.explain.unread import unread
from dealgate.kinds import KINDS
from dealgate.model.codes import Code, Severity
from dealgate.model.faults import Fault
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.checking import analysed
from dealgate.proof.findings import Report
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checking import Checked, read_folder
from dealgate.rulebook.faults import RulebookFaults

# Kinds that read opportunities have dozens.
UNREAD_SHOWN = 6


class Format(Enum):
    """How the results are told."""

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

    Of the kinds that are selected every file is read, whatever is wrong with others. Then the rules
    selected are proved, over all facts: which can never fire, which others make redundant, which
    parts do not matter, where tables leave gaps or overlap. Of the version that decides now, facts
    are named that callers may send and that neither a rule nor the kind reads. Fails on faults;
    warnings and notes are for the author to judge.
    """
    if watch:
        rerun(rules, partial(check, selection, rules, format_, verbose))
    if format_ is Format.JSON:
        _tell_json(rules, selection)
        return
    if format_ is not Format.TEXT:
        _annotate(rules, selection, github if format_ is Format.GITHUB else sarif)
        return
    with faults_shown():
        checked = _checked(rules, selection)
    catalog, files, failed = checked.catalog, checked.files, False
    told: list[Coded] = list(checked.faults.warnings)
    for warning in checked.faults.warnings:
        echo(coded(warning))
    for report in _reports(selected(catalog, selection), files):
        failed |= bool(report.faults)
        told += _tell(report, catalog, verbose=verbose)
        if report.ruleset in deciding(catalog):
            told += _tell_unread(_unread(report.ruleset, files), verbose=verbose)
    echo(pages(told).removeprefix("\n"), nl=bool(told), err=True)
    if failed:
        raise typer.Exit(1)


def _checked(rules: Path, selection: str | None) -> Checked:
    """Return the folder; of one version that is selected, other drafts may be in any state."""
    only = kind_of(selection)
    checked = read_folder(rules, KINDS, expression_checker(), only and (only,))
    if selection is None or "@" not in selection:
        return checked.needing_all()
    return checked.needing(selection)


def deciding(catalog: Catalog) -> Sequence[AnyRuleSet]:
    """Return the versions that decide now."""
    now = time_ns()
    released = [kind for kind, lines in catalog.all_releases().items() if lines]
    return [
        catalog.at(kind, now)
        for kind in released
        if catalog.releases(kind)[0].effective_from <= now
    ]


def _unread(ruleset: AnyRuleSet, files: Sequence[CaseFile]) -> Sequence[str]:
    cases = next(file.cases for file in files if file.ruleset.name == ruleset.name)
    return unread(ruleset, KINDS[ruleset.kind], cases)


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


def _tell_unread(paths: Sequence[str], *, verbose: bool) -> Sequence[Coded]:
    """Print which facts callers send for nothing; return it if there are any."""
    if not paths:
        return []
    unread_facts = Unread(paths, None if verbose else UNREAD_SHOWN)
    echo(coded(unread_facts))
    return [unread_facts]


def _reports(rulesets: Sequence[AnyRuleSet], files: Sequence[CaseFile]) -> Iterator[Report]:
    beside = {file.ruleset.name: file for file in files}
    for ruleset in rulesets:
        file = beside[ruleset.name]
        yield analysed(ruleset, KINDS[ruleset.kind], file.cases, file.accepted)


def _tell(report: Report, catalog: Catalog, *, verbose: bool) -> Sequence[Coded]:
    """Print what was found; return what of it has a page."""
    ruleset, released = report.ruleset, catalog.is_released(report.ruleset)
    # What is released cannot be changed any more, so of it only faults are told unasked.
    told = {Severity.FAULT} if released else {Severity.FAULT, Severity.WARNING}
    shown = [f for f in report.findings if verbose or f.severity in told]
    for finding in shown:
        echo(coded(finding), err=finding.severity is Severity.FAULT)
    unknown = report.unknown if verbose else ()
    for each in unknown:
        echo(coded(each))
    hidden = sum(f.severity is Severity.WARNING for f in report.findings if f not in shown)
    more = f", {hidden} warning{'' if hidden == 1 else 's'} (--verbose)" if hidden else ""
    accepted = len(report.accepted)
    more += f", {accepted} finding{'' if accepted == 1 else 's'} accepted" if accepted else ""
    state = "released" if released else "draft"
    echo(f"{ruleset.name}: {report.summary}{more}, {state}, {ruleset.digest}")
    for table in ruleset.tables:
        rows = f"{len(table.rows)} row{'' if len(table.rows) == 1 else 's'}"
        echo(f"  table {table.id}: {rows}, hit policy {table.hit.value}")
    return [*shown, *unknown]


def _annotate(
    rules: Path, selection: str | None, written: Callable[[Sequence[Annotation]], str]
) -> None:
    """Print what code hosts show beside the lines: of what is released, faults alone."""
    try:
        checked = _checked(rules, selection)
    except RulebookFaults as error:
        annotations = [*map(of_fault, error.faults)]
    else:
        annotations = [*map(of_fault, checked.faults.warnings)]
        for report in _reports(selected(checked.catalog, selection), checked.files):
            released = checked.catalog.is_released(report.ruleset)
            annotations += map(of_finding, report.faults if released else report.findings)
    echo(written(annotations), nl=bool(annotations) or written is sarif)
    if any(each.severity is Severity.FAULT for each in annotations):
        raise typer.Exit(1)


def _tell_json(rules: Path, selection: str | None) -> None:
    try:
        checked = _checked(rules, selection)
    except RulebookFaults as found:
        faults = [_as_json(fault) for fault in found.faults]
        echo_json({"faults": faults, "rulesets": []})
        raise typer.Exit(1) from None
    catalog, files = checked.catalog, checked.files
    reports, now = list(_reports(selected(catalog, selection), files)), deciding(catalog)
    shown = [
        {
            "name": report.ruleset.name,
            "digest": report.ruleset.digest,
            "released": catalog.is_released(report.ruleset),
            "tables": [
                {"id": table.id, "hit": table.hit.value, "rows": len(table.rows)}
                for table in report.ruleset.tables
            ],
            "unread": _unread(report.ruleset, files) if report.ruleset in now else None,
            **report.as_json(),
        }
        for report in reports
    ]
    warnings = [_as_json(warning) for warning in checked.faults.warnings]
    told = {"faults": [], "warnings": warnings, "rulesets": shown}
    echo_json(told)
    if any(report.faults for report in reports):
        raise typer.Exit(1)


def _as_json(fault: Fault) -> Mapping[str, Any]:
    return {
        "file": fault.location.file,
        "line": fault.location.line,
        "column": fault.location.column,
        "code": fault.code,
        "message": fault.message,
        "hint": fault.hint,
    }
