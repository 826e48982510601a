"""Which mutants no case notices: the survivors."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from google.protobuf.message import Message

from dealgate.cases.mutation.claims import Path
from dealgate.cases.mutation.judging import Disturbed, JudgedFacts, MutantJudge
from dealgate.cases.mutation.mutants import Mutant, mutants
from dealgate.cases.mutation.reads import Watched
from dealgate.desk.trials import compared, evidence_faults, refused
from dealgate.engine.evidence import Judgement, gather
from dealgate.engine.hits import Hits
from dealgate.judge import Verdict, admitted, concluded
from dealgate.language.values import Failure, Unknown
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.errors import BadQuestion
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import Case, CaseFile

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Survey:
    """How many mutants a rule set has, and which of them no case notices."""

    ruleset: AnyRuleSet
    total: int
    survivors: Sequence[Mutant]


class Bench:
    """The cases of a rule set, judged once, ready to be judged by its mutants."""

    def __init__(self, kind: AnyKind, file: CaseFile) -> None:
        """`file` holds cases that pass."""
        self.kind = kind
        self.ruleset = file.ruleset
        self.judge = MutantJudge(kind, file.ruleset)
        self.tried = [(case, self._judged(case)) for case in file.cases]
        self._noticed = Counter[str]()
        # Outcomes that cases were seen to expect: most mutants come to the same ones.
        self._expected: dict[int, Message | None] = {id(case): None for case, _ in self.tried}

    def _judged(self, case: Case) -> JudgedFacts | None:
        """Judge a case; None if its facts are refused before any rule is asked."""
        if self.kind.check(case.facts, self.ruleset.parameters, case.as_of):
            return None
        return self.judge.judged(case.facts, case.as_of)

    def _under(
        self, mutant: Mutant, case: Case, judged: JudgedFacts | None, *, anew: bool
    ) -> JudgedFacts | None:
        """Judge the case `anew` if the mutant's parameters may change what the facts are.

        None: they refuse the facts, which a kind need not be able to derive from then.
        """
        if judged is None or mutant.part != "parameters" or self.kind.derive is None:
            return judged
        if self.kind.check(case.facts, mutant.ruleset.parameters, case.as_of):
            return None
        if not anew:
            return judged
        return self.judge.under(mutant.ruleset.parameters, judged, case.as_of)

    def survey(self, progress: Progress = lambda _: None) -> Survey:
        """Try every mutant; `progress` is called with how many more are done."""
        survivors, total = [], 0
        for mutant in mutants(self.ruleset):
            total += 1
            if self.noticed(mutant) is None:
                survivors.append(mutant)
            progress(1)
        return Survey(self.ruleset, total, survivors)

    def noticed(self, mutant: Mutant, cases: Sequence[Case] | None = None) -> Case | None:
        """Return the first case that fails if the mutant decides; None if none does.

        `cases` are others to try instead of those of the rule set.
        """
        disturbed = self.judge.disturbed(mutant)
        anew = not self.kind.derives_alike(self.ruleset.parameters, mutant.ruleset.parameters)
        tried = self._tried(mutant) if cases is None else [(c, self._judged(c)) for c in cases]
        for case, before in tried:
            judged = self._under(mutant, case, before, anew=anew)
            if self._notices(case, judged, mutant, disturbed):
                self._noticed[case.name] += 1
                return case
        return None

    def _tried(self, mutant: Mutant) -> Sequence[tuple[Case, JudgedFacts | None]]:
        """Return the cases, those first that are likely to notice: outcomes are dear to decide."""
        if not mutant.claims:
            return self.tried
        concerned = self._concerned(mutant)

        def unlikely(item: tuple[Case, JudgedFacts | None]) -> tuple[bool, int]:
            case, judged = item
            return not concerned(case, judged), -self._noticed[case.name]

        return sorted(self.tried, key=unlikely)

    def _concerned(self, mutant: Mutant) -> Callable[[Case, JudgedFacts | None], bool]:
        """Return what tells whether a case reads the parameter, or fires the rule."""
        if mutant.part == "parameters":
            is_read, reads, path = self._watched.is_read, self._reads, mutant.path[1:]
            return lambda case, _: is_read(path, reads[id(case)])
        index = int(mutant.path[1])
        return lambda _, judged: judged is not None and bool(judged.judgements[index])

    @cached_property
    def _watched(self) -> Watched:
        return Watched(self.ruleset.parameters)

    @cached_property
    def _reads(self) -> Mapping[int, set[Path]]:
        """What each case reads of the parameters: judged once more, by a copy that notes it."""
        ruleset = replace(self.ruleset, parameters=self._watched.parameters)
        unchanged = Mutant("", ("parameters",), "", "", ruleset)
        disturbed = self.judge.disturbed(unchanged)
        reads = {}
        for case, judged in self.tried:
            with self._watched.reading() as reads[id(case)]:
                again = self._under(unchanged, case, judged, anew=True)
                self._notices(case, again, unchanged, disturbed)
        return reads

    def _notices(
        self, case: Case, judged: JudgedFacts | None, mutant: Mutant, disturbed: Disturbed
    ) -> bool:
        if judged is None:  # refused before any rule was asked
            return mutant.part == "parameters" and self._fails(mutant, case, Evidence())
        judgements = disturbed.judgements(judged)
        same = judgements is judged.judgements
        if same and not mutant.claims and not mutant.tells:
            return False
        # A hit policy may ignore the result of a row.
        if not same and not self.ruleset.tables and sure(case, judged.judgements, judgements):
            return True
        evidence = evidence_of(mutant.ruleset, judgements, judged)
        if evidence is None:
            return True
        # Facts that were judged need neither be checked nor derived again, unless by parameters
        # that nothing was derived with.
        again = mutant.part == "parameters" and self.kind.derive is None
        return self._fails(mutant, case, evidence, None if again else judged.facts)

    def _fails(
        self, mutant: Mutant, case: Case, evidence: AnyEvidence, known: Message | None = None
    ) -> bool:
        """Tell whether the case fails if the mutant's rules came to `evidence`.

        `known` are the case's facts as rules see them, if they are known.
        """
        ruleset = mutant.ruleset
        try:
            if known is None:
                known = admitted(self.kind, ruleset, case.facts, case.as_of)
            verdict = concluded(self.kind, ruleset, known, evidence, case.as_of)
        except BadQuestion as refusal:
            return bool(refused(case, refusal))
        except Exception:  # noqa: BLE001  # a disturbed parameter may break the kind: that is noticed
            return True
        return self._differs(case, verdict)

    def _differs(self, case: Case, verdict: Verdict) -> bool:
        """Tell whether the verdict is not as the case expects."""
        outcome = None if verdict.conclusion is None else verdict.conclusion.outcome
        if outcome is not None and outcome == self._expected.get(id(case)):
            return any(True for _ in evidence_faults(case, verdict.evidence))
        differs = bool(compared(case, verdict))
        if not differs and case.error is None and id(case) in self._expected:
            self._expected[id(case)] = outcome
        return differs


def evidence_of(
    ruleset: AnyRuleSet, judgements: Sequence[Judgement], judged: JudgedFacts
) -> AnyEvidence | None:
    """Return the evidence for these judgements; None if the rule set cannot give any."""
    if not ruleset.tables:
        return gather(ruleset.rules, judgements, judged.read, ())
    try:
        return Hits(ruleset).evidence(judgements, judged.read, ())
    except ValueError:  # a disturbed claim that the table's `priority:` does not list
        return None


def sure(case: Case, before: Sequence[Judgement], after: Sequence[Judgement]) -> bool:
    """Tell whether the case fails by its lists of rules alone, whatever the outcome."""
    if case.error is not None:
        return False
    told = [has_failed] + [fires] * (case.fired is not None)
    told += [is_undecided] * (case.undecided is not None)
    return any(
        is_so(earlier) != is_so(other)
        for earlier, other in zip(before, after, strict=True)
        for is_so in told
    )


def fires(judgement: Judgement) -> bool:
    """Tell whether a rule that came to this fires."""
    if isinstance(judgement, list):
        return any(truth is True for _, truth in judgement)
    return judgement is True


def has_failed(judgement: Judgement) -> bool:
    """Tell whether a rule that came to this went wrong."""
    if isinstance(judgement, list):
        return any(isinstance(truth, Failure) for _, truth in judgement)
    return isinstance(judgement, Failure)


def is_undecided(judgement: Judgement) -> bool:
    """Tell whether a rule that came to this lacks facts."""
    if isinstance(judgement, list):
        return any(isinstance(truth, Unknown) for _, truth in judgement)
    return isinstance(judgement, Unknown)
