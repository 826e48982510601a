"""Looks for facts that meet a goal, one or two changes away from an existing case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from dealgate.cases.mutation.judging import JudgedFacts, MutantJudge
from dealgate.cases.suggestion.changes import Changed, Changes
from dealgate.cases.suggestion.targets import Goal
from dealgate.model.kind import AnyKind
from dealgate.rulebook.cases import Case

BREADTH = 6  # facts that are changed further
DEPTH = 3
TRIED = 400  # of the facts one change away, how many are judged in full


@dataclass(frozen=True, slots=True)
class NearCase:
    """Facts that meet a goal: those of `case` with what stands at `paths` changed."""

    case: Case
    facts: Message
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _State:
    found: NearCase
    judged: JudgedFacts
    near: float


class Search:
    """Starts from the cases of one rule set that are not refused."""

    def __init__(self, kind: AnyKind, judge: MutantJudge, cases: Sequence[Case]) -> None:
        """Judge the cases."""
        self._kind = kind
        self._judge = judge
        self._starts = [(case, judge.judged(case.facts, case.as_of)) for case in cases]
        self._samples = [case.facts for case in cases]

    def find(self, goal: Goal, changes: Changes) -> NearCase | None:
        """Return the first facts that meet the goal, those with fewest changes; None if none do."""
        for case, judged in self._starts:
            if goal.met(judged, case.as_of):
                return NearCase(case, case.facts)
        beam = sorted(
            (
                _State(NearCase(case, case.facts), judged, goal.near(judged))
                for case, judged in self._starts
            ),
            key=lambda state: -state.near,
        )[:BREADTH]
        for _ in range(DEPTH if goal.guided else 1):
            states = sorted(self._nearby(beam, goal, changes), key=lambda state: -state.near)
            for state in states[:TRIED]:
                as_of = state.found.case.as_of
                if goal.met(state.judged, as_of) and self._is_accepted(state.found):
                    return state.found
            beam = list(self._best(states))
        return None

    def _nearby(self, beam: Sequence[_State], goal: Goal, changes: Changes) -> Iterator[_State]:
        for state in beam:
            case = state.found.case
            for changed in changes.of(state.found.facts, case.as_of, self._samples):
                judged = self._judge.judged(changed.facts, case.as_of)
                yield _State(_further(state.found, changed), judged, goal.near(judged))

    def _best(self, states: Sequence[_State]) -> Iterator[_State]:
        seen: set[bytes] = set()
        for state in states:
            key = state.found.facts.SerializeToString(deterministic=True)
            if key not in seen and self._is_accepted(state.found):
                seen.add(key)
                yield state
            if len(seen) == BREADTH:
                return

    def _is_accepted(self, result: NearCase) -> bool:
        parameters = self._judge.ruleset.parameters
        return not self._kind.check(result.facts, parameters, result.case.as_of)


def _further(result: NearCase, changed: Changed) -> NearCase:
    paths = tuple(dict.fromkeys((*result.paths, changed.path)))
    return NearCase(result.case, changed.facts, paths)
