"""The text of a missing case, as it is pasted under `cases:`, and what it expects."""

from collections.abc import Iterator
from dataclasses import replace

from google.protobuf.message import Message

from dealgate.cases.findings import CaseFinding
from dealgate.cases.gaps import Gap
from dealgate.cases.mutation.mutants import Mutant
from dealgate.cases.mutation.survivors import Bench, evidence_of
from dealgate.cases.suggestion.expecting import expected
from dealgate.cases.suggestion.search import NearCase
from dealgate.cases.suggestion.targets import told_apart
from dealgate.cases.suggestion.writing import (
    block,
    flow,
    overlay,
    sentence,
    text,
)
from dealgate.cases.vocabularies import UnseenValue
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
REVIEW = "It expects what the rules decide now: review it."


class CaseText:
    """Writes cases of one rule set, and reads what it wrote."""

    def __init__(self, kind: AnyKind, file: CaseFile, bench: Bench) -> None:
        """`bench` has the judgements of the rule set and of its mutants."""
        self._kind = kind
        self._file = file
        self._bench = bench

    def written(self, finding: CaseFinding, result: NearCase, name: str) -> str:
        """Return the case that shows what `finding` misses, as YAML."""
        return "\n".join(self._lines(finding, result, name)) + "\n"

    def read(self, written: str) -> Case:
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
        """Return the evidence of the rules, and that of a mutant; None if it cannot be judged."""
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


def _names(base: Node) -> str:
    if isinstance(base, Items):
        return flow([text(item.value) for item in base.items if isinstance(item, Scalar)])
    return text(base.value) if isinstance(base, Scalar) else ""
