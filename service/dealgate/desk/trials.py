"""Cases are tried: each is decided in a dry run, and compared with what it expects."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from dealgate.decide import Catalog, Decider, Engine
from dealgate.desk.comparison import differences
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import BadQuestion, DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Place
from dealgate.rulebook.cases import Case, CaseFile
from dealgate.rulebook.faults import Fault
from dealgate.v1.decision_pb2 import Evidence, FiredRule

NO_ID = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class CaseReport:
    """How a case went: `failures` says what differed, and is empty if nothing did.

    `place` is where it stands, `seconds` how long it took.
    """

    ruleset: str
    case: str
    place: Place
    seconds: float
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


@dataclass(frozen=True, slots=True)
class OneRuleSet:
    """A catalog of one version, which decides always."""

    ruleset: AnyRuleSet

    def at(self, kind: str, as_of: int) -> AnyRuleSet:
        """Return it."""
        del kind, as_of
        return self.ruleset

    def version(self, kind: str, version: int) -> AnyRuleSet:
        """Return it."""
        del kind, version
        return self.ruleset

    def is_released(self, ruleset: AnyRuleSet) -> bool:
        """Say no: all questions are dry runs."""
        del ruleset
        return False


async def run_cases(
    catalog: Catalog, kinds: Mapping[str, AnyKind], engine: Engine, files: Iterable[CaseFile]
) -> Sequence[CaseReport]:
    """Try every case in `files`."""
    decider = Decider(kinds, catalog, engine, NoJournal())
    return [
        await _report(decider, kinds[file.ruleset.kind], file.ruleset, case)
        for file in files
        for case in file.cases
    ]


async def _report(decider: Decider, kind: AnyKind, ruleset: AnyRuleSet, case: Case) -> CaseReport:
    start = time.perf_counter()
    failures = await trial(decider, kind, ruleset, case)
    seconds = time.perf_counter() - start
    return CaseReport(ruleset.name, case.name, case.entry.place, seconds, failures)


async def trial(
    decider: Decider, kind: AnyKind, ruleset: AnyRuleSet, case: Case
) -> Sequence[Fault]:
    """Return what differs from what the case expects, decided by `ruleset`."""
    try:
        decision = await decider.decide(question_of(ruleset, case))
    except DealgateError as error:
        return _refused(case, error)
    if case.error is not None:
        return [_at(case, "error", f"expected {case.error}, got an answer")]
    answer: Any = kind.response.FromString(decision.answer)
    return _compared(case, answer)


def question_of(ruleset: AnyRuleSet, case: Case) -> Question:
    """Return what a case asks."""
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
        got = tuple(id_ for rule in getattr(evidence, word) for id_ in _ids(rule))
        if ids is not None and got != ids:
            message = f"{word}: expected {_named(ids)}, got {_named(got)}"
            found.append(_at(case, word, message, _why(ids, got, evidence)))
    if case.outcome is not None:
        for node, difference in differences(case.outcome, answer.outcome):
            found.append(node.fault(f"case {case.name}: {difference}"))
    return found


def _ids(rule: Any) -> Sequence[str]:
    """Return the rules in the file that an entry of the evidence stands for: a table's rows."""
    rows = rule.rows if isinstance(rule, FiredRule) else ()
    return [row.rule_id for row in rows] or [rule.rule_id]


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
