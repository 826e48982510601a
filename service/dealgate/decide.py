"""THE WALK: a question in, a durable decision out. Start reading here.

No gRPC, YAML, span, SQL or clock lives in this file. The three ports below are declared here,
where they are used; `assemble` joins them to the rooms that implement them.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias

from google.protobuf.message import Message

from dealgate.model.answer import answered, body_hash
from dealgate.model.decision import AnyEvidence, Decision, Question
from dealgate.model.errors import BadQuestion, DealgateError, NotReleased
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.model.texts import told


class Catalog(Protocol):
    """Every rule set and release, read only."""

    def at(self, kind: str, as_of: int) -> AnyRuleSet:
        """Return the version of `kind` that decides at `as_of` (ns), or raise UnknownRuleSet."""

    def version(self, kind: str, version: int) -> AnyRuleSet:
        """Return that version, released or draft, or raise UnknownRuleSet."""

    def is_released(self, ruleset: AnyRuleSet) -> bool:
        """Tell whether any release names this version: a draft never decides."""


class Engine(Protocol):
    """Which rules fire on these facts?"""

    @property
    def name(self) -> str:
        """The engine and its semantic version: "native/1"."""

    async def fire(
        self, ruleset: AnyRuleSet, facts: Message, as_of: int, *, explain: bool
    ) -> AnyEvidence:
        """Judge every rule. Changes neither argument; raises Unavailable if the engine is down."""


class Journal(Protocol):
    """Remembers every decision."""

    async def append(self, decision: Decision) -> Decision:
        """Return once `decision` is durable.

        If its tenant and key are known with the same body, return the first decision instead;
        with another body raise KeyReused. Raise TurnTaken if its turn was given to another
        decision, and Overloaded if the queue is full.
        """

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the decision recorded under this key, if any; raise KeyReused on another body."""


# Takes a decision that is not durable yet.
Judge: TypeAlias = Callable[[Question], Awaitable[Decision]]


def here(judge: Judge) -> Judge:
    """Judge every question where it arrives."""
    return judge


class Decider:
    """Takes decisions."""

    def __init__(
        self,
        kinds: Mapping[str, AnyKind],
        catalog: Catalog,
        engine: Engine,
        journal: Journal,
        around: Callable[[Judge], Judge] = here,
    ) -> None:
        """Join the rooms; `around` may have questions judged elsewhere."""
        self._kinds = kinds
        self._catalog = catalog
        self._engine = engine
        self._journal = journal
        self._judged = around(self._judge)

    async def decide(self, question: Question) -> Decision:
        """Answer `question`, durably unless it is a dry run.

        Raises any DealgateError. A question that repeats a key gets its first answer, even if
        the rules have changed since and would now refuse it.
        """
        try:
            decision = await self._judged(question)
        except DealgateError:
            first = await self._first_answer(question)
            if first is None:
                raise
            return first
        return decision if question.dry_run else await self._journal.append(decision)

    async def _judge(self, question: Question) -> Decision:
        kind = self._kinds[question.kind]
        ruleset = self._ruleset(question)
        facts = told(question.facts)
        found = kind.check(facts, ruleset.parameters, question.as_of)
        violations = [*question.violations, *found]
        if violations:
            raise BadQuestion(violations)
        known = kind.known(facts, ruleset.parameters, question.as_of)
        evidence = await self._engine.fire(ruleset, known, question.as_of, explain=question.explain)
        conclusion = kind.conclude(known, ruleset, evidence, question.as_of)
        return answered(question, kind, ruleset, evidence, conclusion, self._engine.name)

    def _ruleset(self, question: Question) -> AnyRuleSet:
        if question.version is None:
            return self._catalog.at(question.kind, question.as_of)
        ruleset = self._catalog.version(question.kind, question.version)
        if not question.dry_run and not self._catalog.is_released(ruleset):
            raise NotReleased(ruleset.name, "is a draft, and drafts decide in dry runs only")
        return ruleset

    async def _first_answer(self, question: Question) -> Decision | None:
        if question.key is None:
            return None
        return await self._journal.recall(question.tenant, question.key, body_hash(question))
