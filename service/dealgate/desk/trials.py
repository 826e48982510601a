"""Cases are tried: each is judged, and compared with what it expects."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from google.protobuf.message import Message

from dealgate.desk.comparison import differences
from dealgate.judge import Engine, Verdict, judge
from dealgate.model.codes import Code
from dealgate.model.decision import AnyEvidence
from dealgate.model.errors import BadQuestion, DealgateError
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Location
from dealgate.rulebook.cases import Case, CaseFile


@dataclass(frozen=True, slots=True)
class CaseReport:
    """How a case went: `failures` says what differed, and is empty if nothing did.

    `place` is its location, `seconds` how long it took.
    """

    ruleset: str
    case: str
    location: Location
    seconds: float
    failures: Sequence[Fault]

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.failures


async def run_cases(engine: Engine, files: Iterable[CaseFile]) -> Sequence[CaseReport]:
    """Try every case in `files`."""
    return [
        await _report(file.kind, engine, file.ruleset, case)
        for file in files
        for case in file.cases
    ]


async def _report(kind: AnyKind, engine: Engine, ruleset: AnyRuleSet, case: Case) -> CaseReport:
    start = time.perf_counter()
    faults = await trial(kind, engine, ruleset, case)
    failures = [replace(fault, code=Code.CASE_FAILS) for fault in faults]
    seconds = time.perf_counter() - start
    return CaseReport(ruleset.name, case.name, case.entry.location, seconds, failures)


async def trial(kind: AnyKind, engine: Engine, ruleset: AnyRuleSet, case: Case) -> Sequence[Fault]:
    """Return what differs from what the case expects, decided by `ruleset`."""
    try:
        verdict = await judge(kind, ruleset, engine, case.facts, case.as_of)
    except DealgateError as error:
        return refused(case, error)
    return compared(case, verdict)


def compared(case: Case, verdict: Verdict) -> Sequence[Fault]:
    """Return what differs from what the case expects, given what followed from its facts."""
    if verdict.conclusion is None:
        return refused(case, verdict.refusal)
    if case.error is not None:
        return [_at(case, "error", f"expected {case.error}, got an answer")]
    return [*evidence_faults(case, verdict.evidence), *_outcome(case, verdict.conclusion.outcome)]


def refused(case: Case, error: DealgateError | None) -> Sequence[Fault]:
    """Return what differs from what the case expects, given that there is no answer."""
    name = type(error).__name__
    fields = sorted(v.field for v in error.violations) if isinstance(error, BadQuestion) else []
    if case.error is None or case.error != name:
        wanted = case.error or "an answer"
        told = [f"{v.field}: {v.description}" for v in getattr(error, "violations", ())]
        hint = "\n".join(told) or str(error)
        return [_at(case, "error", f"expected {wanted}, got {name}", hint)]
    if case.violations is not None and sorted(case.violations) != fields:
        wanted = _named(sorted(case.violations))
        return [_at(case, "violations", f"violations: expected {wanted}, got {_named(fields)}")]
    return []


def evidence_faults(case: Case, evidence: AnyEvidence) -> Iterator[Fault]:
    """Yield what differs from the lists of rules that the case expects."""
    came = {
        "fired": [id_ for fired in evidence.fired for id_ in fired.ids],
        "undecided": [undecided.rule.id for undecided in evidence.undecided],
        "failed": [failed.rule.id for failed in evidence.failed],
    }
    expected = {"fired": case.fired, "undecided": case.undecided, "failed": case.failed}
    for word, ids in expected.items():
        if ids is not None and tuple(came[word]) != ids:
            message = f"{word}: expected {_named(ids)}, got {_named(came[word])}"
            yield _at(case, word, message, _why(ids, came[word], evidence))


def _outcome(case: Case, outcome: Message) -> Iterator[Fault]:
    if case.outcome is not None:
        for node, difference in differences(case.outcome, outcome):
            yield node.fault(f"case {case.name}: {difference}")


def _at(case: Case, word: str, message: str, hint: str = "") -> Fault:
    """Return a fault at what the case says under `word`, or else at the case."""
    return (case.entry.get(word) or case.entry).fault(f"case {case.name}: {message}", hint)


def _why(expected: Sequence[str], got: Sequence[str], evidence: AnyEvidence) -> str:
    """Say what became of the rules that were expected and are not there."""
    lacking = {entry.rule.id: ", ".join(entry.missing) for entry in evidence.undecided}
    errors = {entry.rule.id: entry.error for entry in evidence.failed}
    said = []
    for rule in expected:
        if rule not in got and rule in lacking:
            said.append(f"{rule} is undecided: it lacks {lacking[rule]}")
        elif rule not in got and rule in errors:
            said.append(f"{rule} failed: {errors[rule]}")
    return "\n".join(said)


def _named(ids: Iterable[str]) -> str:
    return ", ".join(ids) or "none"
