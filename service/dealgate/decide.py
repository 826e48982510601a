"""THE WALK: a question in, a durable decision out. Start reading here.

What follows from facts is `judge.py`; this is catalog, key and journal around it, for one question
and for a batch alike. No gRPC, YAML, span, SQL or clock lives in this file. Its ports are declared
here, where they are used; `assemble` joins them to the rooms that implement them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

from dealgate.judge import Asked, Engine, Verdict, judge, judge_together
from dealgate.model.answer import Answers
from dealgate.model.body_hash import body_hash
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import DealgateError, NotReleased, UnknownRuleSet
from dealgate.model.kind import AnyKind
from dealgate.model.provenance import Provenance
from dealgate.model.rules import AnyRuleSet, shelf_of
from dealgate.model.scoping import choosing, chosen
from dealgate.model.texts import told


class Catalog(Protocol):
    """Every rule set and release, read only."""

    def at(self, kind: str, as_of: int) -> AnyRuleSet:
        """Return the version of `kind` that decides at `as_of` (ns), or raise UnknownRuleSet."""

    def version(self, kind: str, version: int) -> AnyRuleSet:
        """Return that version, released or draft, or raise UnknownRuleSet."""

    def scopes(self, kind: str, tenant: str, as_of: int) -> Sequence[AnyRuleSet]:
        """Return the version of each scope of `kind` that may decide for a tenant at `as_of`."""

    def may_know(self, shelf: str, tenant: str) -> bool:
        """Whether a tenant may know of a scope, named like "qualify/dach"; of kinds all may."""

    def recorded(self, kind: str, version: int, digest: str) -> AnyRuleSet:
        """Return what decided by that version and digest, or raise UnknownRuleSet."""

    def is_released(self, ruleset: AnyRuleSet) -> bool:
        """Tell whether any release names this version: a draft never decides."""


class Journal(Protocol):
    """Remembers every decision."""

    async def append_all(self, decisions: Sequence[Decision]) -> Sequence[Decision | Exception]:
        """Return once all are durable, or why one of them is not, in order.

        For a decision whose tenant and key are known with the same body, the first decision under
        that key; with another body KeyReused. TurnTaken if its turn was given to another decision,
        Overloaded if the queue is full, Unavailable if it cannot be written.
        """

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the decision recorded under this key, if any; raise KeyReused on another body."""


# What became of each question of a batch, in order: its decision, or why there is none.
Outcomes: TypeAlias = Sequence[Decision | Exception]
# Takes a decision that is not durable yet.
Judge: TypeAlias = Callable[[Question], Awaitable[Decision]]
# Judges small questions together, ahead of their turns.
Begin: TypeAlias = Callable[[Sequence[Question]], Awaitable[None]]
# Answers one question, or raises why it cannot; answers a batch.
Decide: TypeAlias = Callable[[Question], Awaitable[Decision]]
DecideAll: TypeAlias = Callable[[Sequence[Question]], Awaitable[Outcomes]]

# Says what decisions by a rule set are made with, besides it and the engine; None: not known.
MadeWith: TypeAlias = Callable[[AnyKind, AnyRuleSet], Provenance | None]


def alone(decide_all: DecideAll) -> Decide:
    """Return how to decide one question: it is a batch of its own."""

    async def decide(question: Question) -> Decision:
        (outcome,) = await decide_all((question,))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return decide


def here(judge: Judge) -> Judge:
    """Judge every question where it arrives."""
    return judge


# Questions of a batch that are judged together: twice as many gain nothing more.
TOGETHER = 8


async def nothing_ahead(questions: Sequence[Question]) -> None:
    """Judge every question in its turn."""
    del questions


def not_known(kind: AnyKind, ruleset: AnyRuleSet) -> None:
    """Record nothing of what a decision is made with."""
    del kind, ruleset


def may_decide(question: Question, catalog: Catalog) -> Sequence[AnyRuleSet]:
    """Return what may decide a question, whichever scope its facts choose; never none of them."""
    shelf = _known_shelf(question, question.scope or "", catalog)
    if question.version is not None:
        return (catalog.version(shelf, question.version),)
    own = catalog.at(shelf, question.as_of)
    if question.scope is not None:
        return (own,)
    return (own, *catalog.scopes(question.kind, question.tenant, question.as_of))


def _known_shelf(question: Question, scope: str, catalog: Catalog) -> str:
    """Return what the rules are called; raise UnknownRuleSet for a scope of another tenant's.

    In the words for one that is not there, before anything else is said about it.
    """
    shelf = shelf_of(question.kind, scope)
    if scope and not catalog.may_know(shelf, question.tenant):
        raise UnknownRuleSet(f"{question.kind} has no scope '{scope}'")
    return shelf


class Decider:
    """Takes decisions."""

    def __init__(
        self,
        kinds: Mapping[str, AnyKind],
        catalog: Catalog,
        engine: Engine,
        journal: Journal,
        around: Callable[[Judge], Judge] = here,
        made_with: MadeWith = not_known,
        ahead: Callable[[Begin], Begin] | None = None,
    ) -> None:
        """Join the rooms; `around` may have questions judged elsewhere.

        `ahead` keeps the turns of what is judged together; None: nothing is.
        """
        self._begin = nothing_ahead if ahead is None else ahead(self._judge_ahead)
        # By identity; each holds its question, so that no other has its number meanwhile.
        self._ready: dict[int, tuple[Question, Asked, Verdict]] = {}
        self._made_with = made_with
        self._kinds = kinds
        self._catalog = catalog
        self._engine = engine
        self._journal = journal
        self._judged = around(self._judge)
        self._answers: dict[int, Answers] = {}
        self._choosing: dict[tuple[str, ...], AnyRuleSet] = {}

    async def decide(self, question: Question) -> Decision:
        """Answer `question`, durably unless it is a dry run; raises any DealgateError."""
        try:
            decision = await self._judged(question)
        except DealgateError:
            first = await self._first_answer(question)
            if first is None:
                raise
            decision = first
        if question.dry_run or decision.id != question.id:
            return decision
        (outcome,) = await self._journal.append_all((decision,))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def judge_all(self, questions: Sequence[Question]) -> Outcomes:
        """Answer every question, and record none: the caller records the decisions."""
        return [await _told(self._judged(question)) for question in questions]

    async def decide_all(self, questions: Sequence[Question]) -> Outcomes:
        """Answer every question; one that cannot be answered does not spoil the others.

        A question that repeats a key gets its first answer, even if the rules have changed since
        and would now refuse it.
        """
        outcomes: list[Decision | Exception] = []
        for first in range(0, len(questions), TOGETHER):
            outcomes += await self._attempted(questions[first : first + TOGETHER])
        new = {
            index: outcome
            for index, outcome in enumerate(outcomes)
            if isinstance(outcome, Decision)
            if not questions[index].dry_run and outcome.id == questions[index].id
        }
        if new:
            durable = await self._journal.append_all(list(new.values()))
            for index, kept in zip(new, durable, strict=True):
                outcomes[index] = kept
        return outcomes

    async def _attempted(self, questions: Sequence[Question]) -> list[Decision | Exception]:
        try:
            if len(questions) > 1:
                await self._begin(questions)
            return [await self._attempt(question) for question in questions]
        finally:
            for question in questions:
                self._ready.pop(id(question), None)

    async def _judge_ahead(self, questions: Sequence[Question]) -> None:
        """Judge questions together; with those that go wrong `_judge` begins again."""
        asked = [
            (question, one) for question in questions if (one := self._asked(question)) is not None
        ]
        verdicts = await judge_together(self._engine, [one for _, one in asked])
        for (question, one), verdict in zip(asked, verdicts, strict=True):
            if verdict is not None:
                self._ready[id(question)] = question, one, verdict

    def _asked(self, question: Question) -> Asked | None:
        """Return what judges a question; None: that takes its facts, or something is wrong."""
        kind, facts, as_of = question.kind, question.facts, question.as_of
        if question.violations or kind not in self._kinds:
            return None
        is_open = question.scope is None and question.version is None
        if is_open and self._catalog.scopes(kind, question.tenant, as_of):
            return None
        try:
            ruleset = self._ruleset(question, question.scope or "")
        except DealgateError:
            return None
        return Asked(self._kinds[kind], ruleset, facts, as_of, question.explain)

    async def _attempt(self, question: Question) -> Decision | Exception:
        try:
            return await self._judged(question)
        except DealgateError as error:
            return await self._first_answer(question) or error
        except Exception as error:  # noqa: BLE001 - whoever asked is told, and the others go on
            return error

    async def _judge(self, question: Question) -> Decision:
        ready = self._ready.pop(id(question), None)
        if ready is not None and ready[0] is question:
            _, asked, verdict = ready
            answers = self._by(asked.kind, asked.ruleset)
            return answers.answered(question, verdict.evidence, verdict.answer)
        scope = question.scope or ""
        if question.scope is None and question.version is None:
            question, scope = await self._scoped(question)
        ruleset = self._ruleset(question, scope)  # which tells if there are no rules of this kind
        kind = self._kinds[question.kind]
        verdict = await judge(
            kind,
            ruleset,
            self._engine,
            question.facts,
            question.as_of,
            explain=question.explain,
            violations=question.violations,
        )
        return self._by(kind, ruleset).answered(question, verdict.evidence, verdict.answer)

    def _by(self, kind: AnyKind, ruleset: AnyRuleSet) -> Answers:
        """Return what writes the answers of a rule set, which the catalog holds as long as we."""
        answers = self._answers.get(id(ruleset))
        if answers is None:
            made_with = self._made_with(kind, ruleset)
            answers = Answers(kind, ruleset, self._engine.name, made_with)
            self._answers[id(ruleset)] = answers
        return answers

    async def _scoped(self, question: Question) -> tuple[Question, str]:
        """Return the scope that facts choose, and the question with what leaves that open.

        A version that is named without a scope is one of the kind's own.
        """
        scopes = self._catalog.scopes(question.kind, question.tenant, question.as_of)
        if not scopes:
            return question, ""
        facts = told(self._kinds[question.kind].seen(question.facts))
        names = tuple(ruleset.name for ruleset in scopes)
        rules = self._choosing.setdefault(names, choosing(scopes))
        choice = chosen(
            scopes, await self._engine.fire(rules, facts, question.as_of, explain=False)
        )
        violations = (*question.violations, *choice.violations)
        return replace(question, unsettled=choice.missing, violations=violations), choice.scope

    def _ruleset(self, question: Question, scope: str) -> AnyRuleSet:
        shelf = _known_shelf(question, scope, self._catalog)
        if question.version is None:
            ruleset = self._catalog.at(shelf, question.as_of)
        else:
            ruleset = self._catalog.version(shelf, question.version)
        if ruleset.narrowing and not ruleset.narrowing.is_visible_to(question.tenant):
            raise UnknownRuleSet(f"{question.kind} has no scope '{scope}'")
        if question.version is None:
            return ruleset
        if not question.dry_run and not self._catalog.is_released(ruleset):
            raise NotReleased(ruleset.name, "is a draft, and drafts decide in dry runs only")
        return ruleset

    async def _first_answer(self, question: Question) -> Decision | None:
        if question.key is None:
            return None
        return await self._journal.recall(question.tenant, question.key, body_hash(question))


async def _told(judged: Awaitable[Decision]) -> Decision | Exception:
    try:
        return await judged
    except Exception as error:  # noqa: BLE001 - whoever asked is told, and the others go on
        return error
