"""Reads and proves what `dealgate check` does not know yet, and remembers it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import Any

from dealgate.cli.progress import Step, steps
from dealgate.cli.selection import kind_of, selected
from dealgate.desk.expressions import expression_checker
from dealgate.desk.verdicts import Document, Verdicts, deciding
from dealgate.explain.unread import unread
from dealgate.kinds import KINDS
from dealgate.model.faults import Fault
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.case_facts import case_facts
from dealgate.proof.checking import analysed
from dealgate.proof.findings import Report
from dealgate.proof.lasting import take_plain, to_plain
from dealgate.proof.remembered import Memory
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checking import Checked, read_folder


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What is found of kinds and their versions, as far as no fault keeps it from being proved.

    `passed_over` names the versions, kinds and scopes that `faults` spoil.
    """

    kinds: Sequence[tuple[Document, Sequence[Document]]]
    faults: Sequence[Fault]
    passed_over: Sequence[str]


def check_kinds(
    verdicts: Verdicts, rules: Path, selection: str | None, needed: Sequence[str] | None
) -> CheckResult:
    """Return what is found of each kind that is `needed` (None: of all), and of its versions.

    Of one version that is selected, other drafts may be in any state, and cases of others are not
    read: they spoil no other version. Raises RulebookFaults if itself cannot be used.
    """
    only = kind_of(selection, rules)
    if rules.is_dir():
        verdicts.begin((only,) if only else needed)
    of_kinds = None if needed is None else {name.partition("/")[0] for name in needed}
    is_one = selection is not None and "@" in selection

    def is_beside(other: AnyRuleSet) -> bool:
        return is_one and other.name != selection

    kinds_read = (only,) if only else of_kinds
    checked = read_folder(rules, KINDS, expression_checker(), kinds_read, is_beside=is_beside)
    faults: Sequence[Fault] = ()
    if selection is not None and is_one:
        rulesets = selected(checked.needing(selection).catalog, selection)
    elif checked.faults.all:
        faults, rulesets = checked.faults.all, _within(checked.sound, selection)
    else:
        rulesets = selected(checked.catalog, selection)
    try:
        with steps("check", len(rulesets)) as step:
            kinds = [*_of_kinds(verdicts, checked, rulesets, step)]
        return CheckResult(kinds, faults, checked.passed_over if faults else ())
    finally:
        if only is None and needed is None and not checked.faults.all:
            verdicts.keep(sorted(checked.catalog.all_releases()), "folder")
        verdicts.save()


def _within(rulesets: Sequence[AnyRuleSet], selection: str | None) -> Sequence[AnyRuleSet]:
    """Return those of a kind and its scopes, or of a scope; all, if none is selected."""
    if selection is None:
        return rulesets
    return [r for r in rulesets if r.shelf == selection or r.shelf.startswith(f"{selection}/")]


def _of_kinds(
    verdicts: Verdicts, checked: Checked, rulesets: Sequence[AnyRuleSet], step: Step
) -> Iterator[tuple[Document, Sequence[Document]]]:
    for kind in sorted({ruleset.shelf for ruleset in rulesets}):
        document = kind_document(kind, checked)
        if not checked.faults.all:
            verdicts.keep(document, "kind", kind)
        now = deciding(document, time_ns())
        versions = list[Document]()
        for ruleset in rulesets:
            if ruleset.shelf == kind:
                step(ruleset.name)
                versions.append(_of_version(verdicts, checked, ruleset, ruleset.version == now))
        yield document, versions


def kind_document(kind: str, checked: Checked) -> Document:
    """Return what is found of a kind as a whole, as plain data."""
    catalog: Catalog = checked.catalog
    rulesets = [ruleset for ruleset in catalog.all() if ruleset.shelf == kind]
    warnings = [warning for warning in checked.faults.warnings if _is_about(kind, warning)]
    return {
        "kind": kind,
        "versions": [ruleset.version for ruleset in rulesets],
        "released": [ruleset.version for ruleset in rulesets if catalog.is_released(ruleset)],
        "releases": [
            [release.version, release.effective_from] for release in catalog.releases(kind)
        ],
        "scopes": [name for name in catalog.all_releases() if name.startswith(f"{kind}/")],
        "warnings": [fault_document(warning) for warning in warnings],
    }


def _is_about(kind: str, fault: Fault) -> bool:
    return fault.location.file.rpartition("/")[0].endswith(f"/{kind}")


def fault_document(fault: Fault) -> dict[str, Any]:
    """Return a fault as plain data; `text` is all of it in words."""
    return {
        "file": fault.location.file,
        "line": fault.location.line,
        "column": fault.location.column,
        "code": fault.code.value,
        "message": fault.message,
        "hint": fault.hint,
        "severity": fault.severity.value,
        "text": str(fault),
    }


def _of_version(
    verdicts: Verdicts,
    checked: Checked,
    ruleset: AnyRuleSet,
    decides: bool,  # noqa: FBT001
) -> Document:
    """Return what is found of a version: what is known of it, or what is proved now."""
    kind, version = ruleset.shelf, ruleset.version
    file = next(file for file in checked.files if file.ruleset.name == ruleset.name)
    document = verdicts.of_version(kind, version)
    if document is None:
        document = _proved(verdicts, ruleset, file)
        verdicts.keep(document, "version", kind, str(version))
    paths = verdicts.unread(kind, version) if decides else None
    if decides and paths is None:
        paths = unread(ruleset, file.kind, file.cases)
        verdicts.keep(paths, "unread", kind, str(version))
    return {**document, "unread": None if paths is None else [*paths]}


def _proved(verdicts: Verdicts, ruleset: AnyRuleSet, file: CaseFile) -> Document:
    """Return what is proved of a version; what an earlier process proved of its rules is used."""
    about, memory = (ruleset.shelf, ruleset.version), Memory()
    kept, before = memory.shelf.of(file.kind, ruleset), verdicts.proofs(*about)
    if before is not None:
        take_plain(before, memory, kept)
    report = analysed(
        ruleset, file.kind, file.cases, file.accepted, memory, file.beside, case_facts(file.cases)
    )
    verdicts.keep_proofs(*about, to_plain(memory, kept))
    return version_document(report)


def version_document(report: Report) -> Document:
    """Return what was proved of a version, as plain data."""
    ruleset = report.ruleset
    tables = [
        {"id": table.id, "hit": table.hit.value, "rows": len(table.rows)}
        for table in ruleset.tables
    ]
    proved = {"name": ruleset.name, "digest": ruleset.digest, "tables": tables, **report.as_json()}
    return {**proved, "summary": report.summary}
