"""What the cases of a rule set leave out, as faults for its author."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.message import Message

from dealgate.cases.coverage import Coverage, Gap
from dealgate.cases.mutation.mutants import Mutant
from dealgate.cases.mutation.noticing import Bench, Progress
from dealgate.cases.places import Places
from dealgate.cases.required import required_paths
from dealgate.model.decision import Truth
from dealgate.model.kind import AnyKind
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.faults import Fault

NO_FINDING = "copy what `dealgate test` said, after the place"
SEES, NOTICES = "no case sees", "no case notices"
HINTS = {
    Truth.TRUE: "write a case in which it fires",
    Truth.FALSE: "write a case in which its condition is false",
    Truth.UNKNOWN: "write a case in which a fact that it needs is missing",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that no case shows: a gap in what is seen, or a mutant that is not noticed."""

    fault: Fault
    about: Gap | Mutant


@dataclass(frozen=True, slots=True)
class Findings:
    """How much was demanded of the cases, what of it is missing, and what of that is accepted.

    `stale` are faults of acceptances that accept nothing any more.
    """

    demanded: int
    missing: Sequence[Finding]
    accepted: Sequence[Finding] = ()
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

    questions = [(case.facts, case.as_of) for case in file.cases]
    accepted = [each for each in questions if not refuses(*each)]
    for facts, as_of in accepted:
        coverage.see(kind.known(facts, file.ruleset.parameters, as_of), as_of)
    causes = frozenset[str]().union(*(each.causes for each in coverage.conditions))
    required = required_paths(causes, coverage.lists, accepted, refuses)
    demanded, gaps = coverage.tally(required)
    places = Places(folder, file.ruleset)
    return _sorted_out(file, demanded, [_gap_found(places, gap) for gap in gaps], SEES)


async def mutation_of(
    folder: Path, kind: AnyKind, file: CaseFile, progress: Progress = lambda _: None
) -> Findings:
    """Return the mutants that no case of `file` notices; all of its cases pass."""
    survey = Bench(kind, file).survey(progress)
    places = Places(folder, file.ruleset)
    found = [_survivor_found(places, mutant) for mutant in survey.survivors]
    return _sorted_out(file, survey.total, found, NOTICES)


def _gap_found(places: Places, gap: Gap) -> Finding:
    condition = gap.condition
    path = condition.path[:2] if condition.root else condition.path
    offset = None if condition.root else condition.offset
    hint = HINTS[gap.truth]
    if not condition.root:
        hint = f"write a case in which it is {gap.truth.name.lower()}"
    if gap.truth is Truth.UNKNOWN:
        causes = sorted(condition.causes)
        hint += f": {'one of ' if len(causes) > 1 else ''}{', '.join(causes)}"
    return Finding(places.fault(path, offset, gap.message, hint), gap)


def _survivor_found(places: Places, mutant: Mutant) -> Finding:
    message = f"{mutant.subject}: no case notices {mutant.change}"
    return Finding(places.fault(mutant.path, mutant.offset, message), mutant)


def _sorted_out(file: CaseFile, demanded: int, found: Sequence[Finding], saying: str) -> Findings:
    """Set aside what is accepted; `saying` tells which acceptances are about such findings."""
    known: Mapping[str, str] = {each.finding: each.because for each in file.accepted}
    said = {finding.fault.message for finding in found}
    stale = [
        each.node.fault(f"accepted: {each.finding}: the cases show it now", "delete this")
        for each in file.accepted
        if saying in each.finding and each.finding not in said
    ]
    if saying == SEES:
        stale += [
            each.node.fault(f"accepted: {each.finding}: this is no finding", NO_FINDING)
            for each in file.accepted
            if SEES not in each.finding and NOTICES not in each.finding
        ]
    missing = [finding for finding in found if finding.fault.message not in known]
    accepted = [finding for finding in found if finding.fault.message in known]
    return Findings(demanded, missing, accepted, stale)
