"""What each room of a decision costs, measured inside one process without gRPC."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pool

from bench.cpu import cpu_seconds
from bench.question import FACTS
from dealgate.assemble import Startable
from dealgate.engine.scope import enum_constants, field_type
from dealgate.journal.sqlite import SqliteJournal
from dealgate.kinds import KINDS
from dealgate.model.answer import answered
from dealgate.model.decision import Question
from dealgate.model.rules import RuleSet
from dealgate.wire.arrival import arrive

Operation = Callable[[int], Awaitable[None]]
AT_ONCE = 64
SCORE = KINDS["score"]


async def cost(operation: Operation, times: int) -> float:
    """Return the CPU seconds, children included, of one of `times` operations."""
    before = cpu_seconds(os.getpid())
    await operation(times)
    return (cpu_seconds(os.getpid()) - before) / times


def asked() -> Question:
    """Return the bench's question as the edge would make it, new id and all."""
    arrival = arrive()
    return Question(
        id=arrival.id,
        kind="score",
        facts=FACTS,
        as_of=arrival.at,
        asked_at=arrival.at,
        key=arrival.id,
    )


def firing(engine: Startable, ruleset: RuleSet, *, explain: bool = False) -> Operation:
    """Fire the rules."""

    async def run(times: int) -> None:
        at = arrive().at
        for _ in range(times):
            await engine.fire(ruleset, FACTS, at, explain=explain)

    return run


def concluding(engine: Startable, ruleset: RuleSet) -> Operation:
    """Check the facts, and fold the evidence into an outcome."""

    async def run(times: int) -> None:
        at = arrive().at
        evidence = await engine.fire(ruleset, FACTS, at, explain=False)
        for _ in range(times):
            SCORE.check(FACTS, ruleset.parameters, at)
            SCORE.conclude(FACTS, ruleset, evidence, at)

    return run


def encoding(engine: Startable, ruleset: RuleSet) -> Operation:
    """Parse the request, and write the decision with its answer."""

    async def run(times: int) -> None:
        question = asked()
        data = SCORE.request(facts=FACTS).SerializeToString()
        evidence = await engine.fire(ruleset, FACTS, question.as_of, explain=False)
        conclusion = SCORE.conclude(FACTS, ruleset, evidence, question.as_of)
        for _ in range(times):
            SCORE.request.FromString(data)
            answered(question, SCORE, ruleset, evidence, conclusion, engine.name)

    return run


async def appending(
    engine: Startable, ruleset: RuleSet, path: Path
) -> tuple[Operation, SqliteJournal]:
    """Make decisions durable, 64 callers at once, so that they share commits."""
    journal = await SqliteJournal.open(path)
    question = asked()
    evidence = await engine.fire(ruleset, FACTS, question.as_of, explain=False)
    conclusion = SCORE.conclude(FACTS, ruleset, evidence, question.as_of)
    decision = answered(question, SCORE, ruleset, evidence, conclusion, engine.name)

    async def run(times: int) -> None:
        async def caller() -> None:
            for _ in range(times // AT_ONCE):
                arrival = arrive()
                await journal.append(replace(decision, id=arrival.id, key=arrival.id))

        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))

    return run, journal


def oracle(ruleset: RuleSet) -> tuple[RuleSet, Operation]:
    """Return the rules that cel-cpp can judge by itself, and their judging by cel-cpp.

    Left out are rules that read our functions, named facts or elements: it knows nothing of them.
    """
    facts = FACTS.DESCRIPTOR.fields_by_name
    constants = {name: number for name, (_, number) in enum_constants(FACTS.DESCRIPTOR).items()}
    variables = {
        name: cel.Type(field_type(field)) for name, field in facts.items() if not field.is_repeated
    }
    environment = cel.NewEnv(
        descriptor_pool.Default(), variables={**variables, **dict.fromkeys(constants, cel.Type.INT)}
    )
    known: list[tuple[Any, Any]] = []
    for rule in ruleset.rules:
        if rule.when is not None and rule.each is None:
            try:
                known.append((rule, environment.compile(rule.when.source)))
            except RuntimeError:
                continue
    data = {**constants, **{name: getattr(FACTS, name) for name in variables}}

    async def run(times: int) -> None:
        for _ in range(times):
            for _, expression in known:
                expression.eval(data=data)

    return replace(ruleset, rules=[rule for rule, _ in known]), run
