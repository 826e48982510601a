"""Whatever the facts: an outcome or one of our errors, and the same bytes when asked again."""

import dataclasses
import datetime as dt
import re
import traceback
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from dealgate.decide import Decider
from dealgate.kinds import KINDS
from dealgate.model.business_time import ordinal
from dealgate.model.decision import Question
from dealgate.model.errors import BadQuestion, DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.malformed import malformed
from tests import shipped
from tests.kinds.strange_facts import changed
from tests.kinds.strange_values import CANARY
from tests.unrecorded import NoJournal, question_of

QUICK = 120
AGAIN = 5  # every so manieth question is asked twice
LEAST = 0.1  # the share that is answered, and that is refused, or the test would show little


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_an_outcome_or_a_refusal(request: pytest.FixtureRequest, kind: str) -> None:
    """No facts make a kind fail; repeats are answered alike, refusals tell no fact's value.

    What an answer holds is sound: amounts, days, instants, numbers.

    `make fuzz` asks 20,000 questions of each kind, about the cases of all its versions.
    """
    wanted = request.config.getoption("--strange-questions") or QUICK
    seed = request.config.getoption("--fuzz-seed")
    strange = Strange(kind, KINDS, seed, thorough=wanted > QUICK)
    for number in range(wanted):
        await strange.ask(again=number % AGAIN == 0)
    print(f"\nseed {seed}: {kind}, {dict(strange.seen)}")  # noqa: T201  # the totals
    assert strange.faults == {}
    assert strange.seen["outcome"] > wanted * LEAST
    assert strange.seen["BadQuestion"] > wanted * LEAST


async def test_a_kind_that_forgets_the_end_of_the_calendar_is_found() -> None:
    """The test can fail: a date behind the year 9999 does not survive it."""

    def forgetful(*arguments: Any) -> Any:
        dt.date.fromordinal(ordinal(arguments[-1]) + 30)
        return KINDS["score"].conclude(*arguments)

    kinds = {"score": dataclasses.replace(KINDS["score"], conclude=forgetful)}
    strange = Strange("score", kinds, seed=1)
    for _ in range(100):
        await strange.ask(again=False)
    assert [fault for fault in strange.faults if fault.startswith("ValueError")]


class Strange:
    """Asks questions about the facts of a kind's shipped cases, changed at random.

    `faults` are what may not be, each with the case that showed it first.
    """

    def __init__(
        self, kind: str, kinds: Mapping[str, AnyKind], seed: int, *, thorough: bool = False
    ) -> None:
        files = shipped.cases(kind) if thorough else [shipped.newest_cases(kind)]
        self._random = Random(f"{kind} {seed}")
        self._response = kinds[kind].response
        self._decider = Decider(kinds, shipped.catalog(), shipped.ENGINE, NoJournal())
        self._asked = [
            question_of(file.ruleset, case)
            for file in files
            for case in file.cases
            if case.error is None
        ]
        self.seen: Counter[str] = Counter()
        self.faults: dict[str, str] = {}

    async def ask(self, *, again: bool) -> None:
        """Ask one question, or one twice, and keep what may not be."""
        model = self._random.choice(self._asked)
        facts, as_of = changed(self._random, model.facts, model.as_of)
        explain = self._random.random() < LEAST
        asked = dataclasses.replace(model, facts=facts, as_of=as_of, explain=explain)
        before = facts.SerializeToString(deterministic=True)
        answer = await self._answer(asked)
        if again and await self._answer(asked) != answer:
            self._fault("another answer", asked)
        if facts.SerializeToString(deterministic=True) != before:
            self._fault("the facts were changed", asked)

    async def _answer(self, asked: Question) -> bytes | str:
        try:
            decision = await self._decider.decide(asked)
        except DealgateError as error:
            self.seen[type(error).__name__] += 1
            return self._refusal(error, asked)
        except Exception as error:  # noqa: BLE001  # what this test looks for
            last = traceback.extract_tb(error.__traceback__)[-2:]
            where = ", ".join(f"{frame.filename}:{frame.lineno}" for frame in last)
            self._fault(f"{type(error).__name__} in {where}", asked)
            return type(error).__name__
        self.seen["outcome"] += 1
        for one in malformed(self._response.FromString(decision.answer)):
            index = re.sub(r"\d+", "n", one.field)
            self._fault(f"in the answer {index} {one.description}", asked)
        return decision.answer

    def _refusal(self, error: DealgateError, asked: Question) -> str:
        violations = error.violations if isinstance(error, BadQuestion) else ()
        told = f"{error} {violations}"
        if CANARY in told:
            self._fault("a refusal tells a fact's value", asked)
        if not all(one.field and one.description for one in violations):
            self._fault("a violation names no field", asked)
        return told

    def _fault(self, fault: str, asked: Question) -> None:
        shown = f"{asked.kind}@{asked.version} at {asked.as_of} on {asked.facts}"
        self.faults.setdefault(fault, shown)
