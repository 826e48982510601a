"""A rete engine for tests: its own event loop, and rule sets that are never taken for another."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from dealgate.engine.native import NativeEngine
from dealgate.engine.rete.engine import ReteEngine, require_durable_rules
from dealgate.engine.rete.worker import Worker
from dealgate.language.cel import CelChecker
from dealgate.model.decision import AnyEvidence
from dealgate.model.rules import AnyRuleSet
from tests.engine.building import rule_set
from tests.engine.rete_rules import Drawn

Fired = set[tuple[int, int | None]]
AS_OF = 1_772_445_600_000_000_000
DIGESTS = map(str, count())


def _missing() -> str:
    try:
        require_durable_rules()
    except ModuleNotFoundError as error:
        return str(error)
    return ""


needs_durable_rules = pytest.mark.skipif(bool(_missing()), reason=_missing())


def unique(ruleset: AnyRuleSet) -> AnyRuleSet:
    """Give a rule set a digest of its own, under which engines will know it."""
    return replace(ruleset, digest=next(DIGESTS))


def built(checker: CelChecker, drawn: Drawn) -> AnyRuleSet:
    """Check a drawn rule set."""
    return unique(
        rule_set(
            checker,
            drawn.rules,
            facts=drawn.facts,
            constants=drawn.constants,
            each=drawn.each,
        )
    )


class Both:
    """The two engines side by side, in a loop of their own."""

    def __init__(self, runner: asyncio.Runner, worker: Worker | None) -> None:
        self._runner = runner
        self.rete = ReteEngine(worker)
        self._native = NativeEngine()

    def fire(
        self, ruleset: AnyRuleSet, facts: Any, *, as_of: int = AS_OF, explain: bool = False
    ) -> tuple[AnyEvidence, AnyEvidence]:
        """Return what rete finds, and what native does."""
        rete = self.rete.fire(ruleset, facts, as_of, explain=explain)
        native = self._native.fire(ruleset, facts, as_of, explain=explain)
        return self._runner.run(rete), self._runner.run(native)

    def fired(
        self, ruleset: AnyRuleSet, asked: Sequence[tuple[Any, int]]
    ) -> Iterator[tuple[Fired, Fired]]:
        """Yield which rules rete lets fire on each of these facts, and which native does.

        The library is asked about all of them in one exchange.
        """
        compiled = self.rete.prepare(ruleset)
        inputs = [compiled.inputs(facts, as_of) for facts, as_of in asked]
        networks = [network.conditions for network in compiled.networks]
        whole = [each for some in inputs for each in some]
        names = iter(self._runner.run(self.rete._worker.judge(compiled.name, networks, whole)))
        for (facts, as_of), some in zip(asked, inputs, strict=True):
            rete = {(int(name[1:]), each.element) for each in some for name in next(names)}
            judgements, _ = compiled.program.judge(facts, as_of)
            yield rete, set(compiled.expected(judgements))

    def close(self) -> None:
        """End the child."""
        self._runner.run(self.rete.close())


@contextmanager
def engines(worker: Worker | None = None) -> Iterator[Both]:
    """Run both engines until the block is left."""
    with asyncio.Runner() as runner:
        both = Both(runner, worker)
        yield both
        both.close()
