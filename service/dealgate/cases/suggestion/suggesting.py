"""The missing case as YAML, ready to paste under `cases:`, and tried before it is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from dealgate.cases.coverage import Coverage
from dealgate.cases.findings import CaseFinding, Findings
from dealgate.cases.gaps import Gap
from dealgate.cases.mutation.mutants import Mutant
from dealgate.cases.mutation.survivors import Bench, evidence_of
from dealgate.cases.suggestion.changes import Changes
from dealgate.cases.suggestion.expecting import expected
from dealgate.cases.suggestion.search import NearCase, Search
from dealgate.cases.suggestion.targets import Goals, told_apart
from dealgate.cases.suggestion.writing import (
    Written,
    block,
    flow,
    overlay,
    sentence,
    text,
    value_of,
)
from dealgate.cases.vocabularies import UnseenValue
from dealgate.engine.native import constants_of
from dealgate.judge import concluded
from dealgate.model.decision import AnyEvidence
from dealgate.model.errors import DealgateError
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import Case, CaseFile, read_cases
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.merging import merged
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

RULES = ("fired", "failed")  # the lists that every case has
FEW = 6  # undecided rules that a case lists though it would be noticed without
NONE_NEAR = "no case close to the existing ones shows it: write one, or say why none can:"
REVIEW = "It expects what the rules decide now: review it."


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
        self._kind = kind
        self._file = file
        self._bench = Bench(kind, file)
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
        written = "\n".join(self._lines(finding, nearest, name)) + "\n"
        case = self._read(written)
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

    def _lines(self, finding: CaseFinding, result: NearCase, name: str) -> Iterator[str]:
        case = result.case
        as_of, base = case.entry.get("as_of"), case.entry.get("base")
        yield f"  # {finding.fault.message}. {REVIEW}"
        yield f"  - case: {sentence(name)}"
        yield f"    as_of: {as_of.value if isinstance(as_of, Scalar) else ''}"
        if base is not None:
            yield f"    base: {_names(base)}"
        facts = overlay(self._start(base), result.facts)
        if facts:
            yield from block("facts", facts, 4)
        yield from self._expectation(finding, result)

    def _start(self, base: Node | None) -> Message:
        """Return the facts that a case starts from."""
        names = base.items if isinstance(base, Items) else (base,)
        layers = [self._file.bases[name.value] for name in names if isinstance(name, Scalar)]
        facts: Message = self._kind.facts()
        return read_message(merged(layers), facts, "", []) if layers else facts

    def _expectation(self, finding: CaseFinding, result: NearCase) -> Iterator[str]:
        ruleset = self._file.ruleset
        evidence, then = self._evidence(finding.about, result)
        try:
            outcome = self._outcome(ruleset, result, evidence)
        except DealgateError as error:
            yield f"    error: {type(error).__name__}"
            return
        yield f"    fired: [{', '.join(entry.rule.id for entry in evidence.fired)}]"
        undecided = [entry.rule.id for entry in evidence.undecided]
        listed = then is not None and told_apart(evidence, then)
        if len(undecided) <= FEW or (then and listed and not told_apart(evidence, then, RULES)):
            yield f"    undecided: [{', '.join(undecided)}]"
        if evidence.failed:
            yield f"    failed: [{', '.join(entry.rule.id for entry in evidence.failed)}]"
        # What the lists of rules tell apart already needs no more of the outcome than its choices.
        other = None if then is None or listed else self._other_outcome(finding.about, result, then)
        fields = expected(outcome, other)
        if fields:
            yield from block("outcome", fields, 4)

    def _evidence(
        self, about: Gap | UnseenValue | Mutant, result: NearCase
    ) -> tuple[AnyEvidence, AnyEvidence | None]:
        """Return what the rules come to, and what a mutant's do; None if they cannot."""
        judged = self._bench.judge.judged(result.facts, result.case.as_of)
        before = evidence_of(self._file.ruleset, judged.judgements, judged)
        if before is None:
            raise LookupError(result.case.name)
        if not isinstance(about, Mutant):
            return before, None
        after = self._bench.judge.disturbed(about).judgements(judged)
        return before, evidence_of(about.ruleset, after, judged)

    def _other_outcome(
        self, about: Gap | UnseenValue | Mutant, result: NearCase, then: AnyEvidence
    ) -> Message | None:
        """Return a mutant's outcome; None if it has none."""
        if not isinstance(about, Mutant):
            return None
        try:
            return self._outcome(about.ruleset, result, then)
        except Exception:  # noqa: BLE001  # a disturbed parameter may break the kind
            return None

    def _outcome(self, ruleset: AnyRuleSet, result: NearCase, evidence: AnyEvidence) -> Message:
        as_of = result.case.as_of
        known = self._kind.known(result.facts, ruleset.parameters, as_of)
        return concluded(self._kind, ruleset, known, evidence, as_of).answer.outcome

    def _read(self, written: str) -> Case:
        """Read a suggestion as it will be read once it is pasted."""
        source = Source("suggestion", f"cases:\n{written}")
        faults: list[Fault] = []
        document = read_yaml(source, faults)
        if not isinstance(document, Fields):
            raise TypeError(written)
        entry = document.get("cases")
        base = (
            entry.items[0].get("base")
            if isinstance(entry, Items) and isinstance(entry.items[0], Fields)
            else None
        )
        used = base.items if isinstance(base, Items) else (base,)
        kept = tuple(
            (name, self._file.bases[name.value]) for name in used if isinstance(name, Scalar)
        )
        key = Scalar(source, 0, 0, "base")
        whole = replace(document, fields=((key, Fields(source, 0, kept)), *document.fields))
        file = read_cases(whole, self._kind, self._file.ruleset, faults)
        if file is None:
            raise ValueError("\n".join(str(fault) for fault in faults))
        return file.cases[0]


def _names(base: Node) -> str:
    if isinstance(base, Items):
        return flow([text(item.value) for item in base.items if isinstance(item, Scalar)])
    return text(base.value) if isinstance(base, Scalar) else ""


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
