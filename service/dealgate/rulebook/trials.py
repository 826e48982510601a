"""Cases are tried: each is decided in a dry run, and compared with what it expects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from dealgate.decide import Catalog, Decider, Engine
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import BadQuestion, DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import RuleSet
from dealgate.rulebook.cases import Case, CaseFile
from dealgate.rulebook.comparison import differences
from dealgate.rulebook.coverage import Coverage
from dealgate.rulebook.faults import Fault
from dealgate.v1.decision_pb2 import Evidence

EVERY_RULE = "every rule is seen to fire and to stay quiet"
NO_ID = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class CaseReport:
    """How a case went: `failures` says what differed, and is empty if nothing did."""

    ruleset: str
    case: str
    failures: Sequence[Fault]

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.failures


class NoJournal:
    """Stands in for the journal: cases are dry runs, and a dry run records nothing."""

    async def append(self, decision: Decision) -> NoReturn:
        """Refuse."""
        raise RuntimeError(f"a dry run of {decision.kind}@{decision.version} came to the journal")

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> NoReturn:
        """Refuse."""
        del tenant, body_hash
        raise RuntimeError(f"a dry run asked the journal for the key {key!r}")


async def run_cases(
    catalog: Catalog, kinds: Mapping[str, AnyKind], engine: Engine, files: Iterable[CaseFile]
) -> Sequence[CaseReport]:
    """Try every case in `files`, and whether together they see each rule fire and stay quiet."""
    decider = Decider(kinds, catalog, engine, NoJournal())
    return [report for file in files for report in await _tried(decider, kinds, file)]


async def _tried(
    decider: Decider, kinds: Mapping[str, AnyKind], file: CaseFile
) -> Sequence[CaseReport]:
    coverage = Coverage(file.ruleset)
    reports = []
    for case in file.cases:
        failures = await _trial(decider, kinds[file.ruleset.kind], file.ruleset, case, coverage)
        reports.append(CaseReport(file.ruleset.name, case.name, failures))
    seen = CaseReport(file.ruleset.name, EVERY_RULE, coverage.gaps)
    return [*reports, seen]


async def _trial(
    decider: Decider, kind: AnyKind, ruleset: RuleSet, case: Case, coverage: Coverage
) -> Sequence[Fault]:
    try:
        decision = await decider.decide(_question(ruleset, case))
    except DealgateError as error:
        return _refused(case, error)
    if case.error is not None:
        return [_at(case, "error", f"expected {case.error}, got an answer")]
    answer: Any = kind.response.FromString(decision.answer)
    coverage.see(answer.header.evidence)
    return _compared(case, answer)


def _question(ruleset: RuleSet, case: Case) -> Question:
    return Question(
        id=NO_ID,
        kind=ruleset.kind,
        facts=case.facts,
        as_of=case.as_of,
        asked_at=case.as_of,
        as_of_given=True,
        version=ruleset.version,
        dry_run=True,
    )


def _refused(case: Case, error: DealgateError) -> Sequence[Fault]:
    name = type(error).__name__
    found = sorted(v.field for v in error.violations) if isinstance(error, BadQuestion) else []
    if case.error is None or case.error != name:
        wanted = case.error or "an answer"
        told = [f"{v.field}: {v.description}" for v in getattr(error, "violations", ())]
        hint = "\n".join(told) or str(error)
        return [_at(case, "error", f"expected {wanted}, got {name}", hint)]
    if case.violations is not None and sorted(case.violations) != found:
        wanted = _named(sorted(case.violations))
        return [_at(case, "violations", f"violations: expected {wanted}, got {_named(found)}")]
    return []


def _compared(case: Case, answer: Any) -> Sequence[Fault]:
    evidence: Evidence = answer.header.evidence
    expected = {"fired": case.fired, "undecided": case.undecided, "failed": case.failed}
    found = []
    for word, ids in expected.items():
        got = tuple(rule.rule_id for rule in getattr(evidence, word))
        if ids is not None and got != ids:
            message = f"{word}: expected {_named(ids)}, got {_named(got)}"
            found.append(_at(case, word, message, _why(ids, got, evidence)))
    if case.outcome is not None:
        for node, difference in differences(case.outcome, answer.outcome):
            found.append(node.fault(f"case {case.name}: {difference}"))
    return found


def _at(case: Case, word: str, message: str, hint: str = "") -> Fault:
    """Return a fault at what the case says under `word`, or else at the case."""
    return (case.entry.get(word) or case.entry).fault(f"case {case.name}: {message}", hint)


def _why(expected: Sequence[str], got: Sequence[str], evidence: Evidence) -> str:
    """Say what became of the rules that were expected and are not there."""
    lacking = {rule.rule_id: ", ".join(rule.missing_facts) for rule in evidence.undecided}
    errors = {rule.rule_id: rule.error for rule in evidence.failed}
    said = []
    for rule in expected:
        if rule not in got and rule in lacking:
            said.append(f"{rule} is undecided: it lacks {lacking[rule]}")
        elif rule not in got and rule in errors:
            said.append(f"{rule} failed: {errors[rule]}")
    return "\n".join(said)


def _named(ids: Iterable[str]) -> str:
    return ", ".join(ids) or "none"
