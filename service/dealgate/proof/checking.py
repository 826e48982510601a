"""Everything that can be proved of one rule set, in one report."""

from collections.abc import Iterable, Sequence

from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.findings import Finding, Report
from dealgate.proof.prover import BASES, Prover
from dealgate.proof.rules import Rules
from dealgate.proof.scores import score_findings
from dealgate.proof.stages import stage_findings, stage_words
from dealgate.proof.tables import table_findings
from dealgate.proof.values import impossible_values
from dealgate.proof.witness import Witness
from dealgate.rulebook.cases import Case


def analysed(ruleset: AnyRuleSet, kind: AnyKind, cases: Iterable[Case] = ()) -> Report:
    """Return what was found, in the order of the file, and what stays unknown.

    Facts of `cases` are what facts to show are made from where a kind requires many.
    """
    prover = Prover(ruleset, kind, stage_words(ruleset), examples(cases))
    rules = Rules(prover)
    unknown = rules.unknown
    found: list[Finding] = [
        *impossible_values(prover),
        *rules.findings(),
        *table_findings(prover, unknown),
        *stage_findings(prover, unknown),
        *score_findings(prover, unknown),
    ]
    found.sort(key=lambda finding: finding.place)
    return Report(ruleset, tuple(found), tuple(unknown))


def examples(cases: Iterable[Case]) -> Sequence[Witness]:
    """Return the facts of cases that end in an answer, a few of very unlike size first."""
    answered = [case for case in cases if case.error is None]
    answered.sort(key=lambda case: -case.facts.ByteSize())
    step = max(1, len(answered) // BASES)
    front = answered[::step][:BASES]
    rest = [case for case in answered if case not in front]
    return [Witness(case.facts, case.as_of) for case in (*front, *rest)]
