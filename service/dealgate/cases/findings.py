"""What the cases of a rule set leave out, as faults for its author."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from google.protobuf.message import Message

from dealgate.cases.coverage import Coverage
from dealgate.cases.gaps import Gap
from dealgate.cases.locations import Locations
from dealgate.cases.mutation.mutants import Mutant
from dealgate.cases.mutation.survivors import Bench, Progress
from dealgate.cases.required import computed_paths, defaulted_paths, required_paths
from dealgate.cases.vocabularies import UnseenValue, Vocabularies
from dealgate.model.codes import UNSEEN, Code
from dealgate.model.decision import Truth
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.acceptance import Identity
from dealgate.rulebook.cases import CaseFile

HINTS = {
    Truth.TRUE: "write a case in which it fires",
    Truth.FALSE: "write a case in which its condition is false",
    Truth.UNKNOWN: "write a case in which a fact that it needs is missing",
}


@dataclass(frozen=True, slots=True)
class CaseFinding:
    """Something that no case shows: a condition, a value, or a mutant that is not noticed."""

    fault: Fault
    about: Gap | UnseenValue | Mutant

    @property
    def identity(self) -> Identity:
        """What it is known by, and accepted."""
        return self.about.identity


@dataclass(frozen=True, slots=True)
class Findings:
    """How much was demanded of the cases, what of it is missing, and what of that is accepted.

    `stale` are faults of acceptances that accept nothing any more.
    """

    demanded: int
    missing: Sequence[CaseFinding]
    accepted: Sequence[CaseFinding] = ()
    stale: Sequence[Fault] = field(default=())

    @property
    def percent(self) -> float:
        """The share that is there, or accepted."""
        return 100 * (1 - len(self.missing) / self.demanded) if self.demanded else 100.0


def coverage_of(folder: Path, kind: AnyKind, file: CaseFile) -> Findings:
    """Return what no case of `file` has seen of the rules and their conditions."""
    coverage = Coverage(file.ruleset)

    def refuses(facts: Message, as_of: int) -> bool:
        return bool(kind.check(facts, file.ruleset.parameters, as_of))

    cases = [case for case in file.cases if not refuses(case.facts, case.as_of)]
    accepted = [(case.facts, case.as_of) for case in cases]
    seen = [(facts, kind.known(facts, file.ruleset.parameters, at)) for facts, at in accepted]
    for (_, as_of), (_, known) in zip(accepted, seen, strict=True):
        coverage.see(known, as_of)
    causes = frozenset[str]().union(*(condition.causes for condition in coverage.conditions))
    required = required_paths(causes, coverage.lists, accepted, refuses)
    required |= computed_paths(causes - required, coverage.lists, seen)
    required |= defaulted_paths(causes - required, coverage.lists, file.ruleset.message)
    demanded, gaps = coverage.tally(required)
    values = Vocabularies(kind, file.ruleset, cases)
    locations = Locations(folder, file.ruleset)
    findings = [_gap_found(locations, gap) for gap in gaps]
    findings += [_value_found(locations, value) for value in values.unseen]
    return _sorted_out(file, demanded + values.demanded, findings, UNSEEN)


async def mutation_of(
    folder: Path, kind: AnyKind, file: CaseFile, progress: Progress = lambda _: None
) -> Findings:
    """Return the mutants that no case of `file` notices; all of its cases pass."""
    survey = Bench(kind, file).survey(progress)
    locations = Locations(folder, file.ruleset)
    findings = [_survivor_found(locations, mutant) for mutant in survey.survivors]
    return _sorted_out(file, survey.total, findings, {Code.MUTANT_SURVIVES})


def _gap_found(locations: Locations, gap: Gap) -> CaseFinding:
    condition = gap.condition
    path = condition.path[:2] if condition.root else condition.path
    offset = None if condition.root else condition.offset
    hint = HINTS[gap.truth]
    if not condition.root:
        hint = f"write a case in which it is {gap.truth.name.lower()}"
    if gap.truth is Truth.UNKNOWN:
        causes = sorted(condition.causes)
        hint += f": {'one of ' if len(causes) > 1 else ''}{', '.join(causes)}"
    return _finding(locations.fault(path, offset, gap.message, hint), gap)


def _value_found(locations: Locations, value: UnseenValue) -> CaseFinding:
    return _finding(locations.fault(value.wanted.path, None, value.message, value.hint), value)


def _survivor_found(locations: Locations, mutant: Mutant) -> CaseFinding:
    message = f"{mutant.subject}: no case notices {mutant.change}"
    return _finding(locations.fault(mutant.path, mutant.offset, message), mutant)


def _finding(fault: Fault, about: Gap | UnseenValue | Mutant) -> CaseFinding:
    return CaseFinding(replace(fault, code=about.identity.code), about)


def _sorted_out(
    file: CaseFile, demanded: int, findings: Sequence[CaseFinding], codes: Container[Code]
) -> Findings:
    """Set aside what is accepted; acceptances of these `codes` that accept nothing are stale."""
    identities = {finding.identity for finding in findings}
    known = {accepted.identity for accepted in file.accepted}
    stale = [
        accepted.stale
        for accepted in file.accepted
        if accepted.identity.code in codes and accepted.identity not in identities
        if not accepted.inherited
    ]
    missing = [finding for finding in findings if finding.identity not in known]
    accepted = [finding for finding in findings if finding.identity in known]
    return Findings(demanded, missing, accepted, stale)
