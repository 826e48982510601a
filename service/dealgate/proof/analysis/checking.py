"""Everything that can be proved of one rule set, in one report."""

from dealgate.model.kind import AnyKind
from dealgate.model.rules import RuleSet
from dealgate.proof.analysis.findings import Finding, Report
from dealgate.proof.analysis.prover import Prover
from dealgate.proof.analysis.rules import Rules
from dealgate.proof.analysis.tables import table_findings
from dealgate.proof.analysis.values import impossible_values


def analysed(ruleset: RuleSet, kind: AnyKind) -> Report:
    """Return what was found, in the order of the file, and what stays unknown."""
    prover = Prover(ruleset, kind)
    rules = Rules(prover)
    unknown = rules.unknown
    found: list[Finding] = [
        *impossible_values(prover),
        *rules.findings(),
        *table_findings(prover, unknown),
    ]
    found.sort(key=lambda finding: finding.place)
    return Report(ruleset, tuple(found), tuple(unknown))
