"""Which rules fire, asked of durable_rules and of the native engine."""

import importlib.util
import itertools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from dealgate.engine.rete.projection import Compiled, Input, compile_rete
from dealgate.engine.rete.worker import LOG, RETRY_AFTER, NetworkUnusable, Worker
from dealgate.model.decision import AnyEvidence
from dealgate.model.errors import RuleSetUnusable, Unavailable
from dealgate.model.rules import AnyRuleSet

SEMANTICS = "rete/1"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rule set that is not judged any more, and why."""

    ruleset: AnyRuleSet
    reason: str


class ReteEngine:
    """Fires rule sets in a child process; one engine serves one event loop."""

    name = SEMANTICS

    def __init__(self, worker: "Worker | None" = None) -> None:
        """Raises ModuleNotFoundError if durable_rules is not there; starts no process yet."""
        require_durable_rules()
        self._worker = worker or Worker()
        # By identity, as in the native engine; each entry holds its rule set.
        self._compiled: dict[int, Compiled] = {}
        self._rejected: dict[int, Rejected] = {}
        self._numbers = itertools.count(1)

    def prepare(self, ruleset: AnyRuleSet) -> Compiled:
        """Compile and lint a rule set once; raises RuleSetUnusable."""
        rejected = self._rejected.get(id(ruleset))
        if rejected is not None:
            raise RuleSetUnusable(ruleset.name, rejected.reason)
        compiled = self._compiled.get(id(ruleset))
        if compiled is None:
            # The child knows networks by this name, which no other rule set ever gets.
            name = f"{ruleset.name}#{next(self._numbers)}"
            compiled = self._compiled[id(ruleset)] = compile_rete(ruleset, name)
        return compiled

    def keep(self, rulesets: Iterable[AnyRuleSet]) -> None:
        """Discard all other programs; one that is fired nevertheless is compiled again.

        The child process drops their networks when it is replaced, as it is from time to time.
        """
        kept = {id(ruleset) for ruleset in rulesets}
        self._compiled = {key: held for key, held in self._compiled.items() if key in kept}
        self._rejected = {key: held for key, held in self._rejected.items() if key in kept}

    async def fire(
        self, ruleset: AnyRuleSet, facts: Message, as_of: int, *, explain: bool
    ) -> AnyEvidence:
        """Judge every rule on these facts; see judge.Engine."""
        compiled = self.prepare(ruleset)
        program = compiled.program
        judgements, values = program.judge(facts, as_of)
        fired = await self._ask(ruleset, compiled, compiled.inputs(facts, as_of))
        differing = compiled.expected(judgements) ^ fired
        if differing:
            await self._reject(ruleset, sorted({rule for rule, _ in differing}))
        explained = program.explainer.explain(facts, as_of, judgements) if explain else ()
        return program.evidence(judgements, values, explained)

    async def close(self) -> None:
        """End the child process, after the call in flight."""
        await self._worker.close()

    async def _ask(
        self, ruleset: AnyRuleSet, compiled: Compiled, inputs: Sequence[Input]
    ) -> set[tuple[int, int | None]]:
        if not inputs:
            return set()
        networks = [network.conditions for network in compiled.networks]
        try:
            names = await self._worker.judge(compiled.name, networks, inputs)
        except NetworkUnusable as error:
            self._rejected[id(ruleset)] = Rejected(ruleset, str(error))
            raise RuleSetUnusable(ruleset.name, str(error)) from None
        return {
            (int(name[1:]), asked.element)
            for asked, rules in zip(inputs, names, strict=True)
            for name in rules
        }

    async def _reject(self, ruleset: AnyRuleSet, rules: Sequence[int]) -> None:
        ids = ", ".join(ruleset.rules[rule].id for rule in rules)
        LOG.error("durable_rules and the native engine differ on %s: %s", ruleset.name, ids)
        reason = f"two engines judged rules differently ({ids}); decide with the engine native"
        self._rejected[id(ruleset)] = Rejected(ruleset, reason)
        await self._worker.close()
        raise Unavailable(f"{ruleset.name}: {reason}", RETRY_AFTER)


def require_durable_rules() -> None:
    """Raise ModuleNotFoundError, with the cure, if the library cannot be loaded."""
    if sys.version_info >= (3, 13):
        raise ModuleNotFoundError(
            "the engine rete needs durable_rules, which Python 3.13 cannot load:"
            " use Python 3.11 or 3.12, or the engine native"
        )
    if importlib.util.find_spec("durable_rules_engine") is None:
        raise ModuleNotFoundError("the engine rete needs durable_rules: pip install dealgate[rete]")
