"""Everything that can be proved of one rule set, in one report."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from dealgate.model.codes import PROVED_ACCEPTABLE, Code, Severity
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.case_facts import CaseFacts
from dealgate.proof.findings import EVERY_RULE, Finding, Report, Unknown, at_of
from dealgate.proof.judging import COMPILED
from dealgate.proof.prover import BASES, Prover
from dealgate.proof.reach import reach_findings
from dealgate.proof.remembered import Memory, RememberedRules
from dealgate.proof.repeated import repeated
from dealgate.proof.rules import Rules
from dealgate.proof.scopes import scope_findings
from dealgate.proof.stages import machine_of, stage_findings, stage_words
from dealgate.proof.tables import table_findings
from dealgate.proof.telling import telling_findings
from dealgate.proof.values import impossible_values
from dealgate.proof.witness import Witness
from dealgate.rulebook.acceptance import Accepted
from dealgate.rulebook.cases import Case

STAGES = frozenset({"stages", "pipelines"})  # `stages.py` proves more of them
MOST = 12_000  # rules and rows of a version; to prove as many takes seconds


def analysed(
    ruleset: AnyRuleSet,
    kind: AnyKind,
    cases: Iterable[Case] = (),
    accepted: Sequence[Accepted] = (),
    memory: Memory | None = None,
    beside: Sequence[AnyRuleSet] = (),
    shown_by: CaseFacts | None = None,
) -> Report:
    """Return what was found, in the order of the file, and what stays unknown.

    Facts of `cases` are what facts to show are made from where a kind requires many. What is
    `accepted` is set aside, unless it is a fault; what accepts nothing is a fault itself. With a
    `memory` only what is not in it is proved, and the exact evaluator alone confirms it. `beside`
    are other scopes' versions that may decide when this one of a scope does. `shown_by` are facts
    that may spare a proof.
    """
    if len(ruleset.rules) > MOST:
        return Report(ruleset, (), (_too_many(ruleset),))
    shown = examples(tuple(cases))
    words, compiled = stage_words(ruleset, kind), COMPILED if memory is None else 0
    kept = None if memory is None else memory.shelf.of(kind, ruleset)
    prover = Prover(ruleset, kind, words, shown, compiled, kept)
    rules = Rules(prover) if memory is None else RememberedRules(prover, memory, shown_by)
    unknown = rules.unknown
    report = _findings(prover, rules, kind, shown)
    if ruleset.narrowing is not None:
        report += scope_findings(ruleset, beside, kind, shown, unknown)
    known = {entry.identity for entry in accepted}
    meant = [f for f in report if f.identity in known and f.severity is not Severity.FAULT]
    left = [finding for finding in report if finding not in meant]
    left += _stale(accepted, report, unknown)
    left.sort(key=lambda finding: finding.location)
    return Report(ruleset, tuple(left), tuple(unknown), tuple(meant))


def _findings(
    prover: Prover, rules: Rules, kind: AnyKind, shown: Sequence[Witness]
) -> list[Finding]:
    """Return what is asked of every version; what stays unknown is added to that of `rules`."""
    ruleset, unknown = prover.ruleset, rules.unknown
    impossible = list(impossible_values(prover))
    spoilt = {value.subject for value in impossible if value.severity is Severity.FAULT}
    return [
        *impossible,
        *(problem for problem in rules.findings() if not _follows(problem, spoilt)),
        *table_findings(prover, unknown),
        *telling_findings(ruleset, kind, shown, unknown),
        *stage_findings(prover, kind, unknown),
        *reach_findings(prover, kind.proofs, unknown),
        *repeated(ruleset, frozenset() if machine_of(kind) is None else STAGES),
    ]


def _follows(finding: Finding, spoilt: AbstractSet[str]) -> bool:
    """Whether a rule never fires because it names what can never be, which is said already."""
    return finding.code is Code.RULE_NEVER_FIRES and finding.subject in spoilt


def _too_many(ruleset: AnyRuleSet) -> Unknown:
    detail = f"{len(ruleset.rules):,} rules and rows; up to {MOST:,} are proved"
    return Unknown(ruleset.location, EVERY_RULE, "are too many", detail)


def _stale(
    accepted: Iterable[Accepted], findings: Iterable[Finding], unknown: Iterable[Unknown]
) -> Iterator[Finding]:
    """Yield what accepts nothing; of what stays unknown nothing can be said."""
    identities = {finding.identity for finding in findings}
    unproved = {at_of(finding.subject) for finding in unknown}
    for entry in accepted:
        if entry.inherited:
            continue
        identity = entry.identity
        if identity.code not in PROVED_ACCEPTABLE or identity.at in unproved:
            continue
        if identity not in identities:
            stale = entry.stale
            message = stale.message.removeprefix("accepted: ")
            yield Finding(
                stale.location, "accepted:", stale.code, Severity.FAULT, message, stale.hint
            )


def examples(cases: Iterable[Case]) -> Sequence[Witness]:
    """Return the facts of cases that end in an answer, a few of very unlike size first."""
    answered = [case for case in cases if case.error is None]
    answered.sort(key=lambda case: -case.facts.ByteSize())
    step = max(1, len(answered) // BASES)
    front = answered[::step][:BASES]
    rest = [case for case in answered if case not in front]
    return [Witness(case.facts, case.as_of) for case in (*front, *rest)]
