"""`dealgate check`: every fault in rule files at once, and what can be proved of the rules.

What is known of files that did not change is printed without reading them (`desk/verdicts.py`).
"""

import re
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from time import time_ns
from typing import Annotated, Any, NamedTuple

import typer

from dealgate.cli.annotations import Annotation, github, sarif
from dealgate.cli.echo import echo, echo_json
from dealgate.cli.of_signals import SIGNALS, check_signals, is_of_signals, name_in
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
from dealgate.desk.verdicts import Verdicts, deciding
from dealgate.model.codes import Severity
from dealgate.model.errors import OperatorError

KIND = re.compile("[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?")
Documents = Sequence[tuple[Document, Sequence[Document]]]


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
    checked = _all(rules, selection)
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
        echo(f"not proved, for the faults below: {', '.join(checked.passed_over)}", err=True)
    if checked.faults:
        from dealgate.rulebook.faults import RulebookFaults  # noqa: PLC0415  # see `_checked_documents`

        with faults_shown():
            raise RulebookFaults(checked.faults)
    if any(is_faulty(version) for _, versions in documents for version in versions):
        raise typer.Exit(1)


class _All(NamedTuple):
    """What is found of kinds and of signals, what is wrong with files, and what that spoils."""

    kinds: Documents
    signals: Sequence[Document]
    faults: Sequence[Any]
    passed_over: Sequence[str]


def _all(rules: Path, selection: str | None) -> _All:
    """Return what is found; a file with a fault keeps nothing else from being proved."""
    faults: list[Any] = []
    documents: Documents = []
    passed_over: Sequence[str] = []
    signals: Sequence[Document] = []
    try:
        if not is_of_signals(selection):
            documents, faults, passed_over = _checked_documents(rules, selection)
    except OperatorError as error:
        faults += _faults_of(error)
    try:
        wanted = is_of_signals(selection) or (selection is None and (rules / SIGNALS).is_dir())
        signals = check_signals(rules, name_in(selection)) if wanted else []
    except OperatorError as error:
        faults += _faults_of(error)
    return _All(documents, signals, faults, passed_over)


def _faults_of(error: OperatorError) -> Sequence[Any]:
    """Return the faults of a RulebookFaults, which is not loaded where there are none."""
    faults: Sequence[Any] | None = getattr(error, "faults", None)
    if faults is None:
        raise error
    return faults


def _checked_documents(
    rules: Path, selection: str | None
) -> tuple[Documents, list[Any], Sequence[str]]:
    """Return what is found of each kind and its versions, faults, and the names they spoil.

    Raises RulebookFaults if it is about one version.
    """
    verdicts = Verdicts(rules)
    kind, _, number = (selection or "").partition("@")
    kinds = verdicts.kinds if selection is None else [kind] if KIND.fullmatch(kind) else []
    known = {kind: _known(verdicts, kind, number) for kind in kinds or ()}
    if selection is not None and not number:
        within = [scope for checked in known.values() if checked for scope in checked[0]["scopes"]]
        known |= {document: _known(verdicts, document, "") for document in within}
    needed = [name for name, documents in known.items() if documents is None]
    if kinds and not needed:
        return [documents for documents in known.values() if documents is not None], [], []
    # What reads and proves rules takes its time to load.
    from dealgate.cli.checking import check_kinds  # noqa: PLC0415

    fresh = check_kinds(verdicts, rules, selection, needed if kinds else None)
    all_ = [*fresh.kinds, *(documents for documents in known.values() if documents is not None)]
    kinds_ = sorted(all_, key=lambda documents: str(documents[0]["kind"]))
    return kinds_, [*fresh.faults], fresh.passed_over


def _known(
    verdicts: Verdicts, kind: str, number: str
) -> tuple[Document, Sequence[Document]] | None:
    """Return what is known of a kind, or of one of its versions; None: not everything is."""
    document = verdicts.of_kind(kind)
    if document is None or (number and number not in map(str, document["versions"])):
        return None
    now, versions = deciding(document, time_ns()), list[Document]()
    for version in [int(number)] if number else document["versions"]:
        known = verdicts.of_version(kind, version)
        unread = verdicts.unread(kind, version) if version == now else None
        if known is None or (version == now and unread is None):
            return None
        versions.append({**known, "unread": unread})
    return document, versions


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
    # What is released cannot be changed any more, so of it only faults are told unasked.
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
    checked = _all(rules, selection)
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
    documents, signals, faults, passed_over = _all(rules, selection)
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
