"""A folder with one small rule set of the kind qualify, for tests of what its cases leave out."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from dealgate.cases.findings import Findings, coverage_of, mutation_of
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.rulebook.cases import CaseFile, load_cases
from dealgate.rulebook.loading import load_catalog

QUALIFY = {"qualify": KINDS["qualify"]}
HEAD = """\
ruleset: qualify
version: 1
owner: sales
because: First floor.
parameters: {currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}
"""
BASE = """\
base:
  lead: {lead: {id: L1, company: {employees: 100}}}
"""


def rule(id_: str, when: str, then: str = "{disposition: nurture, code: FIT-01}") -> str:
    """Return one rule as an author writes it."""
    return f"  - id: {id_}\n    when: |\n      {when}\n    then: {then}\n    because: Why not.\n"


def case(name: str, facts: str, expected: str) -> str:
    """Return one case as an author writes it."""
    return (
        f"  - case: {name}\n    as_of: 2026-06-01T00:00:00Z\n    base: lead\n"
        f"    facts: {facts}\n    {expected}\n"
    )


def written(folder: Path, rules: str, cases: str, *, before: str = "") -> Path:
    """Write rules and cases into a new rules folder, `before` above the rules; return it."""
    home = folder / "rules" / "qualify"
    home.mkdir(parents=True, exist_ok=True)
    (home / "v1.yaml").write_text(f"{HEAD}{before}rules:\n{rules}")
    (home / "v1.cases.yaml").write_text(f"{BASE}{cases}")
    return home.parent


def read(folder: Path) -> CaseFile:
    """Return the cases in the folder, with their rules."""
    catalog = load_catalog(folder, QUALIFY, CelChecker())
    return load_cases(folder, QUALIFY, catalog.all())[0]


def coverage(folder: Path) -> Findings:
    """Return what the cases have not seen."""
    return coverage_of(folder, KINDS["qualify"], read(folder))


def mutation(folder: Path) -> Findings:
    """Return what the cases do not notice."""
    return asyncio.run(mutation_of(folder, KINDS["qualify"], read(folder)))


def told(findings: Findings) -> Sequence[str]:
    """Return what is missing, each with its line and column."""
    faults = [finding.fault for finding in findings.missing]
    return [f"{fault.location.line}:{fault.location.column} {fault.message}" for fault in faults]
