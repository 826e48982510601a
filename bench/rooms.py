"""What each room of a decision costs, measured inside this process without gRPC."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pool

from bench.cpu import cpu_seconds
from bench.question import FACTS
from dealgate.assemble.engines import Startable
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.kinds import KINDS
from dealgate.language.scope import enum_constants, field_type
from dealgate.model.answer import Answers
from dealgate.model.decision import AnyEvidence, Conclusion, Question
from dealgate.model.rules import AnyRuleSet
from dealgate.wire.arrival import arrive

Operation = Callable[[int], Awaitable[None]]
AT_ONCE = 64
SCORE = KINDS["score"]


async def cost(operation: Operation, times: int) -> float:
    """Return the CPU seconds, those of children included, of one of `times` operations."""
    before = cpu_seconds(os.getpid())
    await operation(times)
    return (cpu_seconds(os.getpid()) - before) / times


@dataclass(frozen=True, slots=True)
class Walk:
    """One question on its way through the rooms, with what each room made of it."""

    engine: Startable
    ruleset: AnyRuleSet
    question: Question
    evidence: AnyEvidence
    conclusion: Conclusion
    answers: Answers

    def operations(self) -> dict[str, Operation]:
        """Return what each room does with it, but for the journal."""
        at, ruleset = self.question.as_of, self.ruleset
        data = SCORE.request(facts=FACTS).SerializeToString()
        return {
            "parse": _repeated(lambda: SCORE.request.FromString(data)),
            "check": _repeated(lambda: SCORE.check(FACTS, ruleset.parameters, at)),
            "fire": firing(self.engine, ruleset),
            "fire explained": firing(self.engine, ruleset, explain=True),
            "conclude": _repeated(lambda: SCORE.conclude(FACTS, ruleset, self.evidence, at)),
            "answer": _repeated(self._answered),
        }

    def appending(self, journal: SqliteJournal) -> Operation:
        """Make decisions durable, 64 callers at once, so that they share commits."""
        decision = self._answered()

        async def caller(times: int) -> None:
            for _ in range(times):
                arrival = arrive()
                await journal.append(replace(decision, id=arrival.id, key=arrival.id))

        async def run(times: int) -> None:
            await asyncio.gather(*(caller(times // AT_ONCE) for _ in range(AT_ONCE)))

        return run

    def _answered(self) -> Any:
        return self.answers.answered(self.question, self.evidence, self.conclusion)


async def walk(engine: Startable, ruleset: AnyRuleSet) -> Walk:
    """Take the question through the rooms once."""
    arrival = arrive()
    question = Question(
        id=arrival.id,
        kind="score",
        facts=FACTS,
        as_of=arrival.at,
        asked_at=arrival.at,
        key=arrival.id,
    )
    evidence = await engine.fire(ruleset, FACTS, arrival.at, explain=False)
    conclusion = SCORE.conclude(FACTS, ruleset, evidence, arrival.at)
    answers = Answers(SCORE, ruleset, engine.name)
    return Walk(engine, ruleset, question, evidence, conclusion, answers)


def firing(engine: Startable, ruleset: AnyRuleSet, *, explain: bool = False) -> Operation:
    """Fire the rules."""

    async def run(times: int) -> None:
        at = arrive().at
        for _ in range(times):
            await engine.fire(ruleset, FACTS, at, explain=explain)

    return run


def oracle(ruleset: AnyRuleSet) -> tuple[AnyRuleSet, Operation]:
    """Return the rules that cel-cpp can judge by itself, and their judging by cel-cpp.

    Left out are rules that read our functions, named facts or elements: it knows nothing of them.
    """
    fields = [field for field in FACTS.DESCRIPTOR.fields if not field.is_repeated]
    constants = {name: number for name, (_, number) in enum_constants(FACTS.DESCRIPTOR).items()}
    types = {field.name: cel.Type(field_type(field)) for field in fields}
    types |= dict.fromkeys(constants, cel.Type.INT)
    environment = cel.NewEnv(descriptor_pool.Default(), variables=types)
    known: list[tuple[Any, Any]] = []
    for rule in ruleset.rules:
        if rule.when is not None and rule.each is None:
            try:
                known.append((rule, environment.compile(rule.when.source)))
            except RuntimeError:
                continue
    data = {**constants, **{field.name: getattr(FACTS, field.name) for field in fields}}

    def judge() -> None:
        for _, expression in known:
            expression.eval(data=data)

    return replace(ruleset, rules=[rule for rule, _ in known]), _repeated(judge)


def _repeated(once: Callable[[], object]) -> Operation:
    async def run(times: int) -> None:
        for _ in range(times):
            once()

    return run
