"""What is proved of the scopes of a kind: that one of them may apply, and never two at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dealgate.model.codes import Code, Severity
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, HitPolicy, Location, Table
from dealgate.model.scoping import choosing, narrowing_of
from dealgate.proof.findings import Finding, Unknown
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.rules import Rules
from dealgate.proof.tables import TableAnalysis
from dealgate.proof.witness import Witness


def scope_findings(
    ruleset: AnyRuleSet,
    beside: Sequence[AnyRuleSet],
    kind: AnyKind,
    examples: Sequence[Witness],
    unknown: list[Unknown],
) -> Iterator[Finding]:
    """Yield what is found of when a scope applies; what stays open is added to `unknown`.

    `beside` are versions of other scopes that may decide at the same time, for the same tenants.
    """
    own = narrowing_of(ruleset)
    subject = f"scope {own.scope}"
    at = ruleset.location if own.applies is None else own.applies.location
    try:
        kind = replace(kind, proofs=None)  # which scope applies is none of the kind's effects
        prover = Prover(choosing((ruleset,)), kind, examples=examples)
        if any(finding.code is Code.RULE_NEVER_FIRES for finding in Rules(prover).findings()):
            message, hint = "never applies", "correct `applies`, or delete the scope"
            yield Finding(at, subject, Code.RULE_NEVER_FIRES, Severity.FAULT, message, hint)
            return
        yield from _overlaps(ruleset, beside, kind, examples, at)
    except Unproved as error:
        unknown.append(Unknown(at, subject, error.reason, error.detail))


def _overlaps(
    ruleset: AnyRuleSet,
    beside: Sequence[AnyRuleSet],
    kind: AnyKind,
    examples: Sequence[Witness],
    at: Location,
) -> Iterator[Finding]:
    for other in beside:
        both = choosing((ruleset, other))
        table = Table("scopes", HitPolicy.UNIQUE, (), both.rules, at)
        prover = Prover(both, kind, examples=examples)
        for _, _, shown in TableAnalysis(prover, table).overlapping(differ=False):
            yield Finding(
                at,
                f"scope {ruleset.scope}",
                Code.SCOPES_OVERLAP,
                Severity.FAULT,
                f"overlaps: {ruleset.name} and {other.name} apply at once",
                "let one of them leave that out in `applies`",
                witness=shown.witness,
            )
            break
