"""Suggests missing cases as YAML, ready to paste under `cases:`, each tried before it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dealgate.cases.coverage import Coverage
from dealgate.cases.findings import CaseFinding, Findings
from dealgate.cases.gaps import Gap
from dealgate.cases.mutation.mutants import Mutant
from dealgate.cases.mutation.survivors import Bench
from dealgate.cases.suggestion.case_text import CaseText
from dealgate.cases.suggestion.changes import Changes
from dealgate.cases.suggestion.search import NearCase, Search
from dealgate.cases.suggestion.targets import Goals
from dealgate.cases.suggestion.writing import (
    Written,
    flow,
    value_of,
)
from dealgate.cases.vocabularies import UnseenValue
from dealgate.engine.native import constants_of
from dealgate.model.kind import AnyKind
from dealgate.rulebook.cases import Case, CaseFile

NONE_NEAR = "no case close to the existing ones shows it: write one, or say why none can:"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that shows what `finding` misses: its `facts` in words, and its `text` as YAML."""

    finding: CaseFinding
    facts: str
    text: str
    case: Case


@dataclass(frozen=True, slots=True)
class Offer:
    """Cases that together settle all findings but those that are `left`."""

    cases: Sequence[Suggestion]
    left: Sequence[CaseFinding]


def none_near(finding: CaseFinding) -> str:
    """Return the cure of a finding that no case near shows: the line that accepts it."""
    return f"{NONE_NEAR}\n- {finding.identity.accepted}"


class Suggester:
    """Suggests cases for one rule set, whose cases all pass."""

    def __init__(self, kind: AnyKind, file: CaseFile) -> None:
        """Judge the cases there are."""
        self._file = file
        self._bench = Bench(kind, file)
        self._text = CaseText(kind, file, self._bench)
        self._coverage = Coverage(file.ruleset)
        self._constants = constants_of(file.ruleset)
        accepted = [case for case, judged in self._bench.tried if judged is not None]
        self._goals = Goals(kind, self._bench.judge, self._coverage)
        self._search = Search(kind, self._bench.judge, accepted)
        self._names = {case.name for case in file.cases}

    async def offer(self, findings: Sequence[CaseFinding]) -> Offer:
        """Return a case for each finding, unless one that is offered already settles it too."""
        cases: list[Suggestion] = []
        left: list[CaseFinding] = []
        for finding in findings:
            if await self._is_settled(finding.about, [case.case for case in cases]):
                continue
            suggestion = await self.suggestion(finding)
            if suggestion is None:
                left.append(finding)
            else:
                cases.append(suggestion)
        return Offer(cases, left)

    async def hinted(self, findings: Findings) -> Findings:
        """Return the findings, each with the facts of the case that is missing as its cure."""
        told = [await self._hinted(finding) for finding in findings.missing]
        return replace(findings, missing=told)

    async def _hinted(self, finding: CaseFinding) -> CaseFinding:
        suggestion = await self.suggestion(finding)
        hint = suggestion.facts if suggestion else none_near(finding)
        return replace(finding, fault=replace(finding.fault, hint=hint))

    async def suggestion(self, finding: CaseFinding) -> Suggestion | None:
        """Return a case for one finding; None if none is found near the cases there are."""
        nearest = self._nearest(finding.about)
        if nearest is None:
            return None
        changes_made = [_shown(nearest.facts, path) for path in nearest.paths]
        name = self._named(finding, ", ".join(changes_made))
        written = self._text.written(finding, nearest, name)
        case = self._text.read(written)
        if not await self._holds(finding, case):
            return None
        self._names.add(name)
        return Suggestion(finding, _near(nearest.case, changes_made), written, case)

    def _nearest(self, about: Gap | UnseenValue | Mutant) -> NearCase | None:
        if isinstance(about, UnseenValue):
            return NearCase(about.case, about.facts, (about.location,))
        goal = self._goals.of(about)
        changes = Changes(goal.trees, self._coverage.lists, self._constants)
        return self._search.find(goal, changes)

    async def _is_settled(self, about: Gap | UnseenValue | Mutant, cases: Sequence[Case]) -> bool:
        if isinstance(about, UnseenValue):
            return any(about.wanted.shows(case) for case in cases)
        if isinstance(about, Gap):
            return any(self._coverage.shows(about, case.facts, case.as_of) for case in cases)
        return self._bench.noticed(about, cases) is not None

    async def _holds(self, finding: CaseFinding, case: Case) -> bool:
        """Tell whether the case passes as the rules are, and shows what it is for."""
        own = Mutant("", ("parameters",), "", "", self._file.ruleset)
        passes = self._bench.noticed(own, [case]) is None
        return passes and await self._is_settled(finding.about, [case])

    def _named(self, finding: CaseFinding, words: str) -> str:
        about = finding.about
        said = about.subject if isinstance(about, Mutant) else about.claim
        parts = [said.removeprefix("rule "), *([words] if words else [])]
        name = ", ".join(parts).replace('"', "'")
        count, unique = 1, name
        while unique in self._names:
            count += 1
            unique = f"{name} ({count})"
        return unique


def _near(case: Case, changes: Sequence[str]) -> str:
    """Say which facts show it."""
    if not changes:
        return f'"{case.name}" shows it, once it says more of the outcome'
    return f'the case that is missing: {" and ".join(changes)}, else as in "{case.name}"'


def _shown(facts: Any, path: str) -> str:
    """Return a path with its value: `lead.company.employees = 49`."""
    message, steps = facts, path.split(".")
    for step in steps[:-1]:
        name, _, index = step.partition("[")
        message = getattr(message, name)
        message = message[int(index[:-1])] if index else message
    field = message.DESCRIPTOR.fields_by_name[steps[-1]]
    present = {held.name for held, _ in message.ListFields()}
    if field.is_repeated:
        return f"{len(getattr(message, field.name))} of {path}"
    if field.name not in present:
        return f"{path} not known"
    value: Written = value_of(field, getattr(message, field.name))
    return f"{path} = {flow(value)}"
